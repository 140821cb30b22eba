import { answer, simulate, type Simulation } from '@signalbox/core/testing'
import { expect, test } from 'vitest'

const PHONE = '127.0.0.1:5091'

const messagesTo = (address: string, net: Simulation) =>
  net.network.sent.filter(({ to, wire }) => to === address && wire.startsWith('MESSAGE ')).map(({ wire }) => wire)

const logged = (net: Simulation) => net.log.map(({ level, message }) => `${level}: ${message}`)

test('an emergency call is answered, and the phone is told who called', async () => {
  const net = await simulate()
  net.uas(PHONE, answer())
  const call = await net.uac().invite('sip:112@127.0.0.1:5080')
  expect(call).toBeAnsweredWith(200)
  expect((await call.bye()).status).toBe(200)
  const [message, ...more] = messagesTo(PHONE, net)
  expect(more).toEqual([])
  expect(message).toMatch(/^MESSAGE sip:127\.0\.0\.1:5091 SIP\/2\.0\r\n/)
  expect(message).toMatch(/\r\nFrom: "Emergency Alert" <sip:alert@127\.0\.0\.1>;tag=/)
  expect(message).toContain('\r\nTo: <sip:thisphone@127.0.0.1>\r\n')
  expect(message).toContain('\r\nSubject: Emergency Alert\r\n')
  expect(message).toContain('\r\nContent-Type: text/plain\r\n')
  expect(message).toMatch(/\r\n\r\nEmergency call from alice on IP Address 127\.0\.0\.1 to 112 \(Emergency Number\)$/)
  expect(logged(net)).toEqual([
    'warn: Emergency call from alice to 112 (Emergency number) CSeq is 1',
    'info: notified: 200',
  ])
})

test('an INVITE that is repeated, because its answer was lost, sends one MESSAGE', async () => {
  const net = await simulate()
  net.uas(PHONE, answer())
  let invites = 0
  let lost = 0
  net.filter = ({ wire }) => {
    if (wire.startsWith('INVITE ')) invites++
    const isAnswer = wire.startsWith('SIP/2.0 ') && wire.includes(' INVITE\r\n')
    return isAnswer && lost++ < 4 ? 0 : 1
  }
  const call = await net.uac().invite('sip:000@127.0.0.1:5080')
  expect(call).toBeAnsweredWith(200)
  expect(invites).toBeGreaterThan(1)
  expect(messagesTo(PHONE, net)).toHaveLength(1)
  expect(logged(net).filter((line) => line.startsWith('warn'))).toHaveLength(1)
})

test('a phone that is away keeps no caller waiting', async () => {
  const net = await simulate()
  const call = await net.uac().invite('sip:116@127.0.0.1:5080')
  expect(call).toBeAnsweredWith(200)
  expect(logged(net)).toEqual(['warn: Emergency call from alice to 116 (Emergency number) CSeq is 1'])
  await net.advance('32s')
  expect(logged(net).at(-1)).toBe('info: notified: 408')
})

test('nobody is told of any other number', async () => {
  const net = await simulate()
  const phone = net.uas(PHONE, answer())
  expect(await net.uac().invite('sip:4711@127.0.0.1:5080')).toBeAnsweredWith(404)
  await net.advance('32s')
  expect(phone).not.toHaveReceived(/^MESSAGE /)
})
