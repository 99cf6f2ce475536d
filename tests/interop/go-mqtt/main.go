// SPDX-License-Identifier: Apache-2.0

// Eclipse Paho's Go clients on every transport: interop-mqtt JOB, where JOB is JSON (see ../harness/mqtt_clients.py).
//
// paho.mqtt.golang speaks 3.1.1, autopaho of paho.golang 5.0. Every client listens to the job's topic and to one of its
// own; "ready" is printed when all do; then each publishes with QoS 0, 1 and 2 and waits for what it published and for a
// message "from java". One line "pass" or "FAIL" a client.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

const patience = 30 * time.Second

type job struct {
	Topic       string         `json:"topic"`
	CA          string         `json:"ca"`
	Certificate string         `json:"certificate"`
	Key         string         `json:"key"`
	Ports       map[string]int `json:"ports"`
}

// A client of either library.
type device interface {
	connect(url string, tls *tls.Config, label string, got func(payload string)) error
	subscribe(filters ...string) error
	publish(topic, payload string, qos byte) error
	leave()
}

type run struct {
	job      job
	way      string
	label    string
	device   device
	lock     sync.Mutex
	missing  map[string]bool
	finished chan struct{}
}

func (r *run) got(payload string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	before := len(r.missing)
	delete(r.missing, payload)
	if before > 0 && len(r.missing) == 0 {
		close(r.finished)
	}
}

func (r *run) url() string {
	scheme := map[string]string{"tcp": "mqtt", "tls": "tls", "certificate": "tls", "ws": "ws", "wss": "wss"}[r.way]
	path := map[string]string{"ws": "/mqtt", "wss": "/mqtt"}[r.way]
	return fmt.Sprintf("%s://127.0.0.1:%d%s", scheme, r.job.Ports[r.way], path)
}

func (r *run) tlsConfig() (*tls.Config, error) {
	if r.way == "tcp" || r.way == "ws" {
		return nil, nil
	}
	pem, err := os.ReadFile(r.job.CA)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(pem)
	if r.way == "certificate" {
		pair, err := tls.LoadX509KeyPair(r.job.Certificate, r.job.Key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func (r *run) listen() error {
	config, err := r.tlsConfig()
	if err != nil {
		return err
	}
	if err := r.device.connect(r.url(), config, r.label, r.got); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return r.device.subscribe(r.job.Topic, r.job.Topic+"/"+r.label+"/#")
}

func (r *run) talk() error {
	for qos := byte(0); qos <= 2; qos++ {
		topic := fmt.Sprintf("%s/%s/%d", r.job.Topic, r.label, qos)
		if err := r.device.publish(topic, fmt.Sprintf("%s %d", r.label, qos), qos); err != nil {
			return fmt.Errorf("publish QoS %d: %w", qos, err)
		}
	}
	select {
	case <-r.finished:
		r.device.leave()
		return nil
	case <-time.After(patience):
		r.lock.Lock()
		defer r.lock.Unlock()
		return fmt.Errorf("did not get %v", r.missing)
	}
}

func makeRuns(job job) []*run {
	var runs []*run
	for way := range job.Ports {
		for version, device := range map[int]device{4: &paho3{}, 5: &paho5{}} {
			r := &run{job: job, way: way, label: fmt.Sprintf("go-%s-v%d", way, version), device: device, finished: make(chan struct{})}
			r.missing = map[string]bool{"from java": true}
			for qos := 0; qos <= 2; qos++ {
				r.missing[fmt.Sprintf("%s %d", r.label, qos)] = true
			}
			runs = append(runs, r)
		}
	}
	return runs
}

// All at once; one outcome each.
func forAll(runs []*run, do func(r *run) error) []error {
	outcomes := make([]error, len(runs))
	var all sync.WaitGroup
	for i, r := range runs {
		all.Add(1)
		go func() {
			defer all.Done()
			outcomes[i] = do(r)
		}()
	}
	all.Wait()
	return outcomes
}

func main() {
	var job job
	if err := json.Unmarshal([]byte(os.Args[1]), &job); err != nil {
		panic(err)
	}
	runs := makeRuns(job)
	listening := forAll(runs, (*run).listen)
	fmt.Println("ready")
	index := map[*run]int{}
	for i, r := range runs {
		index[r] = i
	}
	status := 0
	for i, err := range forAll(runs, func(r *run) error {
		if err := listening[index[r]]; err != nil {
			return err
		}
		return r.talk()
	}) {
		if err != nil {
			fmt.Printf("FAIL %s: %v\n", runs[i].label, err)
			status = 1
		} else {
			fmt.Printf("pass %s\n", runs[i].label)
		}
	}
	os.Exit(status)
}
