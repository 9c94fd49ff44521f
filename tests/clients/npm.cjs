// Calls of the clients from npm: a request as JSON on each line of standard input, its reply on a line of standard output.
// npm.py is the other end.

const readline = require('node:readline')

const lower = text => text[0].toLowerCase() + text.slice(1)
const failed = (code, status) => ({ error: { code, status: status ?? null } })

/** Alibaba Cloud's former generation: HMAC-SHA1. */
class PopCore {
  constructor ({ listen, key, secret }) {
    const { RPCClient } = require('@alicloud/pop-core')
    const versions = { Vpc: '2016-04-28', Ecs: '2014-05-26' }
    this.clients = {}
    for (const [product, apiVersion] of Object.entries(versions)) {
      this.clients[product] = new RPCClient({ accessKeyId: key, accessKeySecret: secret, endpoint: `http://${listen}`, apiVersion })
    }
  }

  async call ({ service, action, parameters }) {
    try {
      return { reply: await this.clients[service].request(action, parameters, { method: 'POST', timeout: 20000 }) }
    } catch (error) {
      return failed(error.data?.Code ?? String(error), error.entry?.response?.statusCode)
    }
  }
}

/** Today's: ACS3, with a class for each request. */
class Today {
  constructor ({ listen, key, secret, region }) {
    const { $OpenApiUtil } = require('@alicloud/openapi-core')
    const packages = { Vpc: '@alicloud/vpc20160428', Ecs: '@alicloud/ecs20140526' }
    const { Stream } = require('@darabonba/typescript')
    const read = Stream.readAsJSON
    Stream.readAsJSON = async stream => { this.sent = await read.call(Stream, stream); return this.sent }
    this.region = region
    this.clients = {}
    this.models = {}
    for (const [product, name] of Object.entries(packages)) {
      const config = new $OpenApiUtil.Config({ accessKeyId: key, accessKeySecret: secret, endpoint: listen, protocol: 'http', regionId: region })
      this.models[product] = require(name)
      this.clients[product] = new this.models[product].default(config)
    }
  }

  /** The request of a class: parameters that it knows, by its own names for them. */
  made (Class, parameters) {
    const types = Class.types()
    const made = {}
    for (const [own, wire] of Object.entries(Class.names())) {
      if (!(wire in parameters)) continue
      const item = types[own]?.itemType
      const value = parameters[wire]
      made[own] = Array.isArray(value) && item?.names ? value.map(it => this.made(item, it)) : value
    }
    return new Class(made)
  }

  async call ({ service, action, parameters }) {
    const Class = this.models[service][`${action}Request`]
    try {
      const request = this.made(Class, { RegionId: this.region, ...parameters })
      const method = [lower(action), lower(action).replace('VSwitch', 'VSwitch')].find(it => this.clients[service][it])
      const reply = await this.clients[service][method](request)
      return { reply: wire(reply.body), sent: this.sent }
    } catch (error) {
      if (!error.code) throw error
      return failed(error.code, error.statusCode ?? error.data?.statusCode)
    }
  }
}

/** A model with the names that it has on the wire. */
function wire (model) {
  if (Array.isArray(model)) return model.map(wire)
  if (model === null || typeof model !== 'object') return model
  const names = model.constructor.names?.() ?? {}
  const pairs = Object.entries(model).filter(([, value]) => value !== undefined)
  return Object.fromEntries(pairs.map(([own, value]) => [names[own] ?? own, wire(value)]))
}

/** AWS's SDK for JavaScript: SigV4. */
class Aws {
  constructor ({ listen, key, secret, region }) {
    const { NodeHttpHandler } = require('@smithy/node-http-handler')
    const http = new NodeHttpHandler()
    const requestHandler = {
      ...http.metadata,
      handle: async (...request) => {
        const { response } = await http.handle(...request)
        const parts = await response.body.toArray()
        this.sent = Buffer.concat(parts).toString()
        response.body = require('node:stream').Readable.from(parts)
        return { response }
      }
    }
    this.config = { region, requestHandler, endpoint: `http://${listen}`, credentials: { accessKeyId: key, secretAccessKey: secret }, maxAttempts: 1 }
    this.clients = {}
  }

  module (service) {
    const module = require(`@aws-sdk/client-${service}`)
    this.clients[service] ??= new module[`${service.toUpperCase()}Client`](this.config)
    return [module, this.clients[service]]
  }

  async call ({ service, action, parameters, waiter }) {
    const [module, client] = this.module(service)
    try {
      if (waiter) {
        await module[`waitUntil${waiter}`]({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 2 }, parameters)
        return { reply: {} }
      }
      const { $metadata, ...reply } = await client.send(new module[`${action}Command`](parameters))
      return { reply, sent: this.sent }
    } catch (error) {
      if (!error.$metadata) throw error
      return failed(error.Code ?? error.name, error.$metadata.httpStatusCode)
    }
  }
}

/** JD Cloud's: JDCLOUD2. */
class JdCloud {
  constructor ({ listen, key, secret }) {
    const JDCloud = require('jdcloud-sdk-js/src/global')
    JDCloud.config.update({ credentials: { accessKeyId: key, secretAccessKey: secret }, logger: () => {} })
    const config = { credentials: { accessKeyId: key, secretAccessKey: secret }, endpoint: { protocol: 'http', host: listen }, logger: () => {} }
    this.clients = {}
    for (const service of ['vpc', 'vm']) {
      this.clients[service] = new (require(`jdcloud-sdk-js/src/services/${service}`))(config)
    }
  }

  async call ({ service, action, parameters: { regionId, ...parameters } }) {
    try {
      const reply = await this.clients[service][lower(action)](parameters, regionId)
      return { reply: reply.result ?? null }
    } catch (error) {
      const known = error.error ?? error
      if (typeof known.message !== 'string' || known instanceof TypeError) throw error
      return failed(known.message.split(':')[0], known.code)
    }
  }
}

const KINDS = { 'pop-core': PopCore, today: Today, aws: Aws, jdcloud: JdCloud }
const clients = {}

async function answer (line) {
  const asked = JSON.parse(line)
  if (asked.kind) {
    clients[asked.client] = new KINDS[asked.kind](asked)
    return { reply: null }
  }
  return clients[asked.client].call(asked)
}

async function main () {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const answered = await answer(line).catch(error => ({ broken: error.stack ?? String(error) }))
    process.stdout.write(JSON.stringify(answered) + '\n')
  }
}

main()
