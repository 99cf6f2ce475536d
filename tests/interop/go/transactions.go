// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

// decider decides transactions by the first word of their body: "commit" and "rollback" at once, "unknown-commit" and
// "unknown-rollback" when the broker asks.
type decider struct {
	lock    sync.Mutex
	checked map[string]int
}

func (d *decider) ExecuteLocalTransaction(message *primitive.Message) primitive.LocalTransactionState {
	switch strings.Fields(string(message.Body))[0] {
	case "commit":
		return primitive.CommitMessageState
	case "rollback":
		return primitive.RollbackMessageState
	}
	return primitive.UnknowState
}

func (d *decider) CheckLocalTransaction(message *primitive.MessageExt) primitive.LocalTransactionState {
	d.lock.Lock()
	d.checked[string(message.Body)]++
	d.lock.Unlock()
	if strings.HasPrefix(string(message.Body), "unknown-commit") {
		return primitive.CommitMessageState
	}
	return primitive.RollbackMessageState
}

func (d *decider) count() int {
	d.lock.Lock()
	defer d.lock.Unlock()
	return len(d.checked)
}

func (s *stage) transactional(d *decider) rocketmq.TransactionProducer {
	p, err := rocketmq.NewTransactionProducer(d, producer.WithNameServer(s.nameServer), producer.WithGroupName(s.group("transactions")),
		producer.WithInstanceName(instance()), producer.WithRetry(2), producer.WithSendMsgTimeout(15*time.Second))
	must(err)
	must(p.Start())
	s.open = append(s.open, p.Shutdown)
	return p
}

func transactions(s *stage) {
	topic := s.ready(s.producer())
	d := &decider{checked: map[string]int{}}
	p := s.transactional(d)
	var committed []string
	for i := 0; i < 5; i++ {
		for _, plan := range []string{"commit", "rollback", "unknown-commit", "unknown-rollback"} {
			body := fmt.Sprintf("%s %d", plan, i)
			result, err := p.SendMessageInTransaction(background, primitive.NewMessage(topic, []byte(body)))
			must(err)
			expect(result.Status == primitive.SendOK, "status OK, got %v", result.Status)
			if strings.HasSuffix(plan, "commit") {
				committed = append(committed, body)
			}
		}
	}
	eventually("checks of the unknown ones", func() bool { return d.count() == 10 })
	consumeExactly(s, topic, committed)
}
