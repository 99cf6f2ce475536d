// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
)

func sendSync(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	offsets := map[string]int64{}
	for i := 0; i < 20; i++ {
		result, err := p.SendSync(background, primitive.NewMessage(topic, []byte("hello")).WithTag("TagA").WithKeys([]string{"key"}))
		must(err)
		expect(result.Status == primitive.SendOK, "status OK, got %v", result.Status)
		queue := result.MessageQueue.String()
		if last, seen := offsets[queue]; seen {
			expect(result.QueueOffset == last+1, "offset %d in queue %s, got %d", last+1, queue, result.QueueOffset)
		}
		offsets[queue] = result.QueueOffset
	}
	expect(len(offsets) >= 4, "messages in at least 4 queues, got %d", len(offsets))
}

func sendAsync(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	var answered, failed int64
	for i := 0; i < 50; i++ {
		must(p.SendAsync(background, func(_ context.Context, result *primitive.SendResult, err error) {
			if err != nil || result.Status != primitive.SendOK {
				atomic.AddInt64(&failed, 1)
			}
			atomic.AddInt64(&answered, 1)
		}, primitive.NewMessage(topic, []byte(fmt.Sprintf("async %d", i)))))
	}
	eventually("50 answers", func() bool { return atomic.LoadInt64(&answered) == 50 })
	expect(atomic.LoadInt64(&failed) == 0, "no failure, got %d", failed)
}

func sendOneway(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	var bodies []string
	for i := 0; i < 20; i++ {
		bodies = append(bodies, fmt.Sprintf("oneway %d", i))
		must(p.SendOneWay(background, primitive.NewMessage(topic, []byte(bodies[i]))))
	}
	consumeExactly(s, topic, bodies)
}

func sendBatch(s *stage) {
	p := s.producer()
	topic := s.ready(p)
	var batch []*primitive.Message
	var bodies []string
	for i := 0; i < 10; i++ {
		bodies = append(bodies, fmt.Sprintf("batch %d", i))
		batch = append(batch, primitive.NewMessage(topic, []byte(bodies[i])).WithTag("TagA").WithKeys([]string{bodies[i]}))
	}
	result, err := p.SendSync(background, batch...)
	must(err)
	expect(result.Status == primitive.SendOK, "status OK, got %v", result.Status)
	consumeExactly(s, topic, bodies)
}

func autoCreateTopic(s *stage) {
	p := s.producer()
	topic := s.topic()
	consumeExactly(s, topic, send(p, topic, "first ", 8))
}

func consumeExactly(s *stage, topic string, bodies []string) {
	var r received
	c := s.push("consumer")
	must(c.Subscribe(topic, consumer.MessageSelector{}, r.listener()))
	must(c.Start())
	r.expectExactly(bodies)
}

func requestReply(s *stage) {
	replies := s.producer()
	topic := s.ready(replies)
	c := s.push("responder")
	must(c.Subscribe(topic, consumer.MessageSelector{}, func(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		for _, m := range messages {
			if m.GetTags() != "Ask" {
				continue
			}
			reply := primitive.NewMessage(m.GetProperty(primitive.PropertyCluster)+"_REPLY_TOPIC", append([]byte("re: "), m.Body...))
			for _, key := range []string{primitive.PropertyCorrelationID, primitive.PropertyMessageReplyToClient, primitive.PropertyMessageTTL} {
				reply.WithProperty(key, m.GetProperty(key))
			}
			reply.WithProperty(primitive.PropertyMsgType, "reply")
			if _, err := replies.SendSync(background, reply); err != nil {
				return consumer.ConsumeRetryLater, nil
			}
		}
		return consumer.ConsumeSuccess, nil
	}))
	must(c.Start())
	requester := s.producer()
	send(requester, topic, "makes the requester known to the broker ", 1)
	var body string
	eventually("a reply", func() bool { // the broker knows a requester from its first heartbeat on
		reply, err := requester.Request(background, 3*time.Second, primitive.NewMessage(topic, []byte("ping")).WithTag("Ask"))
		if err != nil {
			return false
		}
		body = string(reply.Body)
		return true
	})
	expect(body == "re: ping", "'re: ping', got '%s'", body)
}
