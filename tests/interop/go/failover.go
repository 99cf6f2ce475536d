// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

const pace = 10 * time.Millisecond

type place struct {
	queue  int
	offset int64
}

// ledger knows what was acknowledged and what was delivered, where and when.
type ledger struct {
	lock                    sync.Mutex
	acknowledged, delivered map[place]string
	ackTimes, deliveryTimes []int64
	refused, again          int
	stopped                 bool
}

func nowMs() int64 { return time.Now().UnixNano() / 1e6 }

func (l *ledger) sendOn(p rocketmq.Producer, topic string, done *sync.WaitGroup) {
	defer done.Done()
	for number := 0; l.goesOn(); number++ {
		body := fmt.Sprintf("number %d", number)
		result, err := p.SendSync(background, primitive.NewMessage(topic, []byte(body)).WithTag("TagA"))
		l.lock.Lock()
		if err != nil || result.Status != primitive.SendOK {
			l.refused++
		} else {
			l.acknowledged[place{result.MessageQueue.QueueId, result.QueueOffset}] = body
			l.ackTimes = append(l.ackTimes, nowMs())
		}
		l.lock.Unlock()
		time.Sleep(pace)
	}
}

func (l *ledger) goesOn() bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	return !l.stopped
}

func (l *ledger) stop() {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.stopped = true
}

func (l *ledger) take(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	for _, m := range messages {
		at := place{m.Queue.QueueId, m.QueueOffset}
		if _, known := l.delivered[at]; known {
			l.again++
		}
		l.delivered[at] = string(m.Body)
	}
	l.deliveryTimes = append(l.deliveryTimes, nowMs())
	return consumer.ConsumeSuccess, nil
}

// missing counts what was not delivered from the place where it was acknowledged. Lock held.
func (l *ledger) missing() int {
	count := 0
	for at, body := range l.acknowledged {
		if l.delivered[at] != body {
			count++
		}
	}
	return count
}

// gaps counts offsets below the highest delivered one of their queue that never came. Lock held.
func (l *ledger) gaps() int {
	ends := map[int]int64{}
	for at := range l.delivered {
		if at.offset >= ends[at.queue] {
			ends[at.queue] = at.offset + 1
		}
	}
	count := -len(l.delivered)
	for _, end := range ends {
		count += int(end)
	}
	return count
}

func (l *ledger) status() (string, bool) {
	l.lock.Lock()
	defer l.lock.Unlock()
	text := fmt.Sprintf("status acked=%d refused=%d delivered=%d missing=%d gaps=%d again=%d", len(l.acknowledged), l.refused, len(l.delivered),
		l.missing(), l.gaps(), l.again)
	return text, l.missing() == 0
}

func (l *ledger) since(ms int64) string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return fmt.Sprintf("since ack=%d delivery=%d", firstSince(l.ackTimes, ms), firstSince(l.deliveryTimes, ms))
}

func firstSince(times []int64, ms int64) int64 {
	for _, t := range times {
		if t >= ms {
			return t
		}
	}
	return 0
}

// failover is interop.FailoverRun of the Java clients, as far as this client can be told: it learns routes every 30 s.
func failover(nameServers []string, tag string) {
	s := newStage("", "FailoverRun", tag)
	s.nameServer = nameServers
	defer s.close()
	p, err := rocketmq.NewProducer(producer.WithNameServer(nameServers), producer.WithGroupName(s.group("producer")),
		producer.WithInstanceName(instance()), producer.WithRetry(2), producer.WithSendMsgTimeout(3*time.Second))
	must(err)
	must(p.Start())
	s.open = append(s.open, p.Shutdown)
	topic := s.ready(p)
	l := &ledger{acknowledged: map[place]string{}, delivered: map[place]string{}}
	c := s.push("consumer")
	must(c.Subscribe(topic, consumer.MessageSelector{}, l.take))
	must(c.Start())
	var sender sync.WaitGroup
	sender.Add(1)
	go l.sendOn(p, topic, &sender)
	fmt.Println("ready")
	obey(l)
	l.stop()
	sender.Wait()
	eventually("every acknowledged message", func() bool { _, all := l.status(); return all })
	text, _ := l.status()
	if strings.Contains(text, " gaps=0 again=0") {
		fmt.Printf("pass deliveries (%s)\n", text)
	} else {
		fmt.Printf("FAIL deliveries: %s\n", text)
	}
}

func obey(l *ledger) {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan() && lines.Text() != "end"; {
		var ms int64
		if n, _ := fmt.Sscanf(lines.Text(), "since %d", &ms); n == 1 {
			fmt.Println(l.since(ms))
		} else {
			text, _ := l.status()
			fmt.Println(text)
		}
	}
}
