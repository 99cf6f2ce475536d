// SPDX-License-Identifier: Apache-2.0

// Scenarios of the Go client: interop NAME_SERVER TAG [SCENARIO ...] (default: all).
//
// TAG keeps the topics and groups of several runs on one server apart. Prints one line a scenario and ends with
// "N passed, N failed"; the exit status is 1 when one failed. The single scenario FailoverRun is another program, see
// failover.go.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/apache/rocketmq-client-go/v2/rlog"
)

const atATime = 4

type scenario struct {
	name string
	run  func(s *stage)
}

// The long ones first, because several run at a time.
var scenarios = []scenario{
	{"Transactions", transactions}, {"Rebalance", rebalance}, {"DeadLetter", deadLetter}, {"RetryLater", retryLater}, {"Delayed", delayed}, {"PushOrderly", pushOrderly},
	{"Broadcasting", broadcasting}, {"Resume", resume}, {"PushClustering", pushClustering}, {"PullPoll", pullPoll},
	{"RequestReply", requestReply}, {"TagFilter", tagFilter}, {"SqlFilter", sqlFilter}, {"SendSync", sendSync}, {"SendAsync", sendAsync},
	{"SendOneway", sendOneway}, {"SendBatch", sendBatch}, {"AutoCreateTopic", autoCreateTopic},
}

// runOne turns a failed expectation (a panic) into an error.
func runOne(one scenario, nameServer, tag string) (failure error) {
	s := newStage(nameServer, one.name, tag)
	defer s.close()
	defer func() {
		if reason := recover(); reason != nil {
			failure = fmt.Errorf("%v", reason)
			fmt.Fprintf(os.Stderr, "%s: %v\n%s\n", one.name, reason, debug.Stack())
		}
	}()
	one.run(s)
	return nil
}

func wanted(name string, names []string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return len(names) == 0
}

func main() {
	rlog.SetLogLevel("fatal")
	nameServer, tag, names := os.Args[1], os.Args[2], os.Args[3:]
	if len(names) == 1 && names[0] == "FailoverRun" {
		failover(strings.Split(nameServer, ";"), tag)
		return
	}
	var lock sync.Mutex
	var all sync.WaitGroup
	passed, failed := 0, 0
	slots := make(chan struct{}, atATime)
	for _, one := range scenarios {
		if !wanted(one.name, names) {
			continue
		}
		slots <- struct{}{}
		all.Add(1)
		go func(one scenario) {
			begin := time.Now()
			failure := runOne(one, nameServer, tag)
			lock.Lock()
			if failure == nil {
				passed++
				fmt.Printf("pass %s (%.1f s)\n", one.name, time.Since(begin).Seconds())
			} else {
				failed++
				fmt.Printf("FAIL %s: %v (%.1f s)\n", one.name, failure, time.Since(begin).Seconds())
			}
			lock.Unlock()
			<-slots
			all.Done()
		}(one)
	}
	all.Wait()
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}
