// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/admin"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

const patience = 60 * time.Second

var background = context.Background()
var clients int64

// stage is what one scenario owns: a topic and groups of its own, and clients, all shut down by close.
type stage struct {
	nameServer []string
	name       string
	open       []func() error
}

func newStage(nameServer, scenario, tag string) *stage {
	return &stage{nameServer: []string{nameServer}, name: scenario + "_" + tag}
}

func (s *stage) close() {
	for i := len(s.open) - 1; i >= 0; i-- {
		_ = s.open[i]() // a scenario may have shut a client down itself
	}
}

func (s *stage) group(role string) string { return "interop_" + s.name + "_" + role }

func instance() string { return fmt.Sprintf("client%d", atomic.AddInt64(&clients, 1)) }

// topic is created by the first message sent to it, as Go programs do it: the client has no call that finds brokers.
func (s *stage) topic() string { return "Interop_" + s.name }

// ready sends the message that creates the topic, and waits until the name server knows it.
func (s *stage) ready(p rocketmq.Producer) string {
	topic := s.topic()
	_, err := p.SendSync(background, primitive.NewMessage(topic, []byte("creates the topic")).WithTag("Creation"))
	must(err)
	a, err := admin.NewAdmin(admin.WithResolver(primitive.NewPassthroughResolver(s.nameServer)))
	must(err)
	defer a.Close()
	eventually("a route of "+topic, func() bool {
		queues, err := a.FetchPublishMessageQueues(background, topic)
		return err == nil && len(queues) > 0
	})
	return topic
}

func (s *stage) producer() rocketmq.Producer {
	p, err := rocketmq.NewProducer(producer.WithNameServer(s.nameServer), producer.WithGroupName(s.group("producer")),
		producer.WithInstanceName(instance()), producer.WithRetry(2), producer.WithSendMsgTimeout(15*time.Second))
	must(err)
	must(p.Start())
	s.open = append(s.open, p.Shutdown)
	return p
}

func (s *stage) push(role string, more ...consumer.Option) rocketmq.PushConsumer {
	options := append([]consumer.Option{consumer.WithNameServer(s.nameServer), consumer.WithGroupName(s.group(role)),
		consumer.WithInstance(instance()), consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset)}, more...)
	c, err := rocketmq.NewPushConsumer(options...)
	must(err)
	s.open = append(s.open, c.Shutdown)
	return c
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func expect(condition bool, format string, values ...interface{}) {
	if !condition {
		panic("expected " + fmt.Sprintf(format, values...))
	}
}

func eventually(what string, condition func() bool) {
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(20 * time.Millisecond) {
		expect(time.Now().Before(deadline), "%s within %s", what, patience)
	}
}

// send sends prefix0 ... prefix(n-1); returns the bodies.
func send(p rocketmq.Producer, topic, prefix string, n int) []string {
	var bodies []string
	for i := 0; i < n; i++ {
		body := fmt.Sprintf("%s%d", prefix, i)
		result, err := p.SendSync(background, primitive.NewMessage(topic, []byte(body)).WithTag("TagA").WithKeys([]string{body}))
		must(err)
		expect(result.Status == primitive.SendOK, "status OK, got %v", result.Status)
		bodies = append(bodies, body)
	}
	return bodies
}

// received keeps messages in the order in which they came. The message that created the topic is left out.
type received struct {
	lock     sync.Mutex
	messages []*primitive.MessageExt
}

func (r *received) add(messages ...*primitive.MessageExt) {
	r.lock.Lock()
	defer r.lock.Unlock()
	for _, m := range messages {
		if m.GetTags() != "Creation" {
			r.messages = append(r.messages, m)
		}
	}
}

func (r *received) all() []*primitive.MessageExt {
	r.lock.Lock()
	defer r.lock.Unlock()
	return append([]*primitive.MessageExt(nil), r.messages...)
}

func (r *received) listener() func(context.Context, ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
	return func(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		r.add(messages...)
		return consumer.ConsumeSuccess, nil
	}
}

func (r *received) missing(bodies []string) int {
	have := map[string]bool{}
	for _, m := range r.all() {
		have[string(m.Body)] = true
	}
	count := 0
	for _, body := range bodies {
		if !have[body] {
			count++
		}
	}
	return count
}

// expectAll waits until every body came; expectExactly also wants none to come twice, and no other.
func (r *received) expectAll(bodies []string) {
	eventually(fmt.Sprintf("all of %d messages", len(bodies)), func() bool { return r.missing(bodies) == 0 })
}

func (r *received) expectExactly(bodies []string) {
	r.expectAll(bodies)
	expect(len(r.all()) == len(bodies), "%d deliveries, got %d", len(bodies), len(r.all()))
}
