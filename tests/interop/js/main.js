// SPDX-License-Identifier: Apache-2.0
// MQTT.js on every transport: node main.js JOB, where JOB is JSON (see ../harness/mqtt_clients.py).
//
// Every client listens to the job's topic and to one of its own; prints "ready" when all do; then each publishes with
// QoS 0, 1 and 2 and waits for what it published and for a message "from java". One line "pass" or "FAIL" a client.
import { readFileSync } from 'node:fs'
import mqtt from 'mqtt'

const job = JSON.parse(process.argv[2])
const patienceMs = 30_000

const ways = {
  tcp: (port) => [`mqtt://127.0.0.1:${port}`, {}],
  tls: (port) => [`mqtts://127.0.0.1:${port}`, { ca: readFileSync(job.ca) }],
  certificate: (port) => [`mqtts://127.0.0.1:${port}`, { ca: readFileSync(job.ca), cert: readFileSync(job.certificate), key: readFileSync(job.key) }],
  ws: (port) => [`ws://127.0.0.1:${port}/mqtt`, {}],
  wss: (port) => [`wss://127.0.0.1:${port}/mqtt`, { ca: readFileSync(job.ca) }],
}

function within(promise, what) {
  const late = new Promise((_, fail) => setTimeout(() => fail(new Error(`no ${what} in time`)), patienceMs).unref())
  return Promise.race([promise, late])
}

class Client {
  constructor(way, version) {
    this.label = `js-${way}-v${version}`
    const [url, options] = ways[way](job.ports[way])
    this.connecting = within(mqtt.connectAsync(url, { ...options, protocolVersion: version, clientId: this.label, reconnectPeriod: 0 }), 'CONNACK')
    this.connecting.catch(() => {})
    this.missing = new Set(['from java', ...[0, 1, 2].map((qos) => `${this.label} ${qos}`)])
    this.done = new Promise((resolve) => { this.finish = resolve })
  }

  async listen() {
    this.client = await this.connecting
    this.client.on('message', (topic, payload) => {
      this.missing.delete(payload.toString())
      if (this.missing.size === 0) this.finish()
    })
    await within(this.client.subscribeAsync([job.topic, `${job.topic}/${this.label}/#`], { qos: 2 }), 'SUBACK')
  }

  async talk() {
    for (const qos of [0, 1, 2]) {
      await within(this.client.publishAsync(`${job.topic}/${this.label}/${qos}`, `${this.label} ${qos}`, { qos }), `answer to QoS ${qos}`)
    }
    await within(this.done, 'message').catch(() => { throw new Error(`did not get ${[...this.missing]}`) })
    await this.client.endAsync()
  }
}

const clients = Object.keys(job.ports).flatMap((way) => [4, 5].map((version) => new Client(way, version)))
const listening = await Promise.allSettled(clients.map((client) => client.listen()))
console.log('ready')
const outcomes = await Promise.allSettled(clients.map((client, i) => (listening[i].reason ? Promise.reject(listening[i].reason) : client.talk())))
outcomes.forEach(({ reason }, i) => console.log(reason ? `FAIL ${clients[i].label}: ${reason.message}` : `pass ${clients[i].label}`))
process.exit(outcomes.some(({ reason }) => reason) ? 1 : 0)
