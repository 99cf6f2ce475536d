// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
)

// delayed sends with a delay level: nothing comes before its time.
func delayed(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	var lock sync.Mutex
	early, seen := "", map[string]bool{}
	c := s.push("consumer")
	must(c.Subscribe(topic, consumer.MessageSelector{}, func(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		lock.Lock()
		defer lock.Unlock()
		for _, m := range messages {
			if m.GetTags() == "Creation" {
				continue
			}
			if waited := m.StoreTimestamp - m.BornTimestamp; waited < 1000 {
				early = fmt.Sprintf("%s after %d ms", m.Body, waited)
			}
			seen[string(m.Body)] = true
		}
		return consumer.ConsumeSuccess, nil
	}))
	must(c.Start())
	for i := 0; i < 10; i++ {
		message := primitive.NewMessage(topic, []byte(fmt.Sprintf("delayed %d", i)))
		message.WithDelayTimeLevel(1)
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		_, err := p.SendSync(ctx, message)
		cancel()
		must(err)
	}
	eventually("10 delayed messages", func() bool {
		lock.Lock()
		defer lock.Unlock()
		return len(seen) == 10
	})
	expect(early == "", "nothing before its time, got "+early)
}
