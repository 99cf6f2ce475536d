// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
)

func pushClustering(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	bodies := send(p, topic, "before ", 50)
	var r received
	c := s.push("consumer")
	must(c.Subscribe(topic, consumer.MessageSelector{}, r.listener()))
	must(c.Start())
	r.expectExactly(bodies)
	bodies = append(bodies, send(p, topic, "after ", 50)...) // the pulls are held at the broker by now
	r.expectExactly(bodies)
}

func pushOrderly(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	var lock sync.Mutex
	last := map[string]int64{}
	var count int64
	var suspended int32
	c := s.push("consumer", consumer.WithConsumerOrder(true))
	must(c.Subscribe(topic, consumer.MessageSelector{}, func(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		lock.Lock()
		defer lock.Unlock()
		for _, m := range messages {
			if m.GetTags() == "Creation" {
				continue
			}
			if string(m.Body) == "step 3" && atomic.AddInt32(&suspended, 1) == 1 {
				return consumer.SuspendCurrentQueueAMoment, nil
			}
			queue := m.Queue.String()
			if previous, seen := last[queue]; seen && m.QueueOffset <= previous {
				count = -1000 // out of order: the count is never reached
			}
			last[queue] = m.QueueOffset
			atomic.AddInt64(&count, 1)
		}
		return consumer.ConsumeSuccess, nil
	}))
	must(c.Start())
	send(p, topic, "step ", 20)
	eventually("20 messages, ordered within each queue", func() bool { return atomic.LoadInt64(&count) == 20 })
	expect(atomic.LoadInt32(&suspended) >= 2, "the suspended message again")
}

func broadcasting(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	each := []*received{{}, {}}
	for _, r := range each {
		c := s.push("consumer", consumer.WithConsumerModel(consumer.BroadCasting))
		must(c.Subscribe(topic, consumer.MessageSelector{}, r.listener()))
		must(c.Start())
	}
	bodies := send(p, topic, "to all ", 20)
	for _, r := range each {
		r.expectAll(bodies)
	}
}

func tagFilter(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	for _, tag := range []string{"TagB", "TagA", "TagC", "TagA"} {
		_, err := p.SendSync(background, primitive.NewMessage(topic, []byte(tag)).WithTag(tag))
		must(err)
	}
	var r received
	c := s.push("consumer")
	must(c.Subscribe(topic, consumer.MessageSelector{Type: consumer.TAG, Expression: "TagA || TagC"}, r.listener()))
	must(c.Start())
	eventually("3 messages", func() bool { return len(r.all()) >= 3 })
	for _, m := range r.all() {
		expect(m.GetTags() != "TagB", "no TagB")
	}
}

func sqlFilter(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	for _, price := range []string{"50", "150", "250"} {
		m := primitive.NewMessage(topic, []byte(price))
		m.WithProperty("price", price)
		_, err := p.SendSync(background, m)
		must(err)
	}
	var r received
	c := s.push("consumer")
	must(c.Subscribe(topic, consumer.MessageSelector{Type: consumer.SQL92, Expression: "price > 100"}, r.listener()))
	must(c.Start())
	r.expectExactly([]string{"150", "250"})
}

func rebalance(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	var each [2]received
	var consumers [2]rocketmq.PushConsumer
	for i := range each {
		consumers[i] = s.push("consumer")
		must(consumers[i].Subscribe(topic, consumer.MessageSelector{}, each[i].listener()))
	}
	together := func(bodies []string) func() bool {
		return func() bool {
			all := received{messages: append(each[0].all(), each[1].all()...)}
			return all.missing(bodies) == 0
		}
	}
	must(consumers[0].Start())
	bodies := send(p, topic, "alone ", 20)
	eventually("messages at the first", together(bodies))
	must(consumers[1].Start())
	eventually("messages at the second", func() bool {
		bodies = append(bodies, send(p, topic, fmt.Sprintf("both %d ", len(bodies)), 8)...)
		return len(each[1].all()) > 0
	})
	eventually("messages at both", together(bodies))
	must(consumers[1].Shutdown())
	bodies = append(bodies, send(p, topic, "alone again ", 20)...)
	eventually("all messages", together(bodies))
}

func resume(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	for _, round := range []string{"first ", "second "} {
		bodies := send(p, topic, round, 20)
		var r received
		c := s.push("consumer")
		must(c.Subscribe(topic, consumer.MessageSelector{}, r.listener()))
		must(c.Start())
		r.expectAll(bodies)
		must(c.Shutdown()) // stores the offsets
		if round == "second " {
			expect(len(r.all()) < 40, "less than all 40 messages again, got %d", len(r.all()))
		}
	}
}

func retryLater(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	var r received
	c := s.push("consumer")
	must(c.Subscribe(topic, consumer.MessageSelector{}, failing(&r, 3)))
	must(c.Start())
	send(p, topic, "third time lucky ", 1)
	eventually("3 attempts", func() bool { return len(r.all()) >= 3 })
	for i, m := range r.all() {
		expect(m.ReconsumeTimes == int32(i), "reconsume times %d, got %d", i, m.ReconsumeTimes)
		expect(m.Topic == topic, "the topic %s, got %s", topic, m.Topic)
	}
}

func deadLetter(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	var attempts, dead received
	c := s.push("consumer", consumer.WithMaxReconsumeTimes(1))
	must(c.Subscribe(topic, consumer.MessageSelector{}, failing(&attempts, 1<<30)))
	must(c.Start())
	bodies := send(p, topic, "never ", 1)
	eventually("2 attempts", func() bool { return len(attempts.all()) >= 2 })
	undertaker := s.push("undertaker")
	must(undertaker.Subscribe("%DLQ%"+s.group("consumer"), consumer.MessageSelector{}, dead.listener()))
	must(undertaker.Start())
	dead.expectAll(bodies)
	expect(len(attempts.all()) == 2, "2 attempts, got %d", len(attempts.all()))
}

// failing asks for another delivery, after delay level 1, until `success` messages came.
func failing(r *received, success int) func(context.Context, ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
	return func(ctx context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		r.add(messages...)
		if messages[0].GetTags() == "Creation" || len(r.all()) >= success {
			return consumer.ConsumeSuccess, nil
		}
		if inner, ok := primitive.GetConcurrentlyCtx(ctx); ok {
			inner.DelayLevelWhenNextConsume = 1
		}
		return consumer.ConsumeRetryLater, nil
	}
}

func pullPoll(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	bodies := send(p, topic, "polled ", 20)
	c, err := rocketmq.NewPullConsumer(consumer.WithNameServer(s.nameServer), consumer.WithGroupName(s.group("puller")),
		consumer.WithInstance(instance()), consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset))
	must(err)
	must(c.Subscribe(topic, consumer.MessageSelector{Type: consumer.TAG, Expression: "*"}))
	must(c.Start())
	s.open = append(s.open, c.Shutdown)
	var r received
	eventually("20 polled messages", func() bool {
		request, err := c.Poll(background, time.Second)
		if consumer.IsNoNewMsgError(err) {
			return false
		}
		must(err)
		r.add(request.GetMsgList()...)
		c.ACK(background, request, consumer.ConsumeSuccess)
		return r.missing(bodies) == 0
	})
	first := r.all()[0]
	result, err := c.PullFrom(background, first.Queue, first.QueueOffset, 1)
	must(err)
	expect(string(result.GetMessageExts()[0].Body) == string(first.Body), "the first message by its offset")
	must(c.PersistOffset(background, topic))
}
