// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net/url"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"
	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// MQTT 3.1.1 by paho.mqtt.golang.
type paho3 struct{ client mqtt.Client }

func await(token mqtt.Token) error {
	if !token.WaitTimeout(patience) {
		return errors.New("no answer in time")
	}
	return token.Error()
}

func (p *paho3) connect(url string, config *tls.Config, label string, got func(string)) error {
	options := mqtt.NewClientOptions().AddBroker(url).SetClientID(label).SetProtocolVersion(4).SetAutoReconnect(false)
	if config != nil {
		options.SetTLSConfig(config)
	}
	options.SetDefaultPublishHandler(func(_ mqtt.Client, message mqtt.Message) { got(string(message.Payload())) })
	p.client = mqtt.NewClient(options)
	return await(p.client.Connect())
}

func (p *paho3) subscribe(filters ...string) error {
	wanted := map[string]byte{}
	for _, filter := range filters {
		wanted[filter] = 2
	}
	return await(p.client.SubscribeMultiple(wanted, nil))
}

func (p *paho3) publish(topic, payload string, qos byte) error {
	return await(p.client.Publish(topic, qos, false, payload))
}

func (p *paho3) leave() { p.client.Disconnect(100) }

// MQTT 5.0 by autopaho.
type paho5 struct{ manager *autopaho.ConnectionManager }

func (p *paho5) connect(address string, config *tls.Config, label string, got func(string)) error {
	server, err := url.Parse(address)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p.manager, err = autopaho.NewConnection(context.Background(), autopaho.ClientConfig{
		ServerUrls:       []*url.URL{server},
		TlsCfg:           config,
		KeepAlive:        30,
		ConnectTimeout:   patience,
		ReconnectBackoff: func(int) time.Duration { return time.Second },
		ClientConfig: paho.ClientConfig{
			ClientID: label,
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(received paho.PublishReceived) (bool, error) {
				got(string(received.Packet.Payload))
				return true, nil
			}},
		},
	})
	if err != nil {
		return err
	}
	return p.manager.AwaitConnection(ctx)
}

func (p *paho5) subscribe(filters ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	wanted := &paho.Subscribe{}
	for _, filter := range filters {
		wanted.Subscriptions = append(wanted.Subscriptions, paho.SubscribeOptions{Topic: filter, QoS: 2})
	}
	_, err := p.manager.Subscribe(ctx, wanted)
	return err
}

func (p *paho5) publish(topic, payload string, qos byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := p.manager.Publish(ctx, &paho.Publish{Topic: topic, Payload: []byte(payload), QoS: qos})
	return err
}

func (p *paho5) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = p.manager.Disconnect(ctx)
}
