/** Addresses that no index has, and that tell secrets to whoever asks from this machine: link-local ones. */
import { lookup as systemLookup } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** The metadata services of clouds answer there. */
const closed = new BlockList()
addEverywhere(closed, ['169.254.0.0', 16])
closed.addSubnet('fe80::', 10, 'ipv6')
closed.addSubnet('fd00:ec2::', 32, 'ipv6')

type Subnet = readonly [net: string, bits: number]

/** Also as IPv6 spells it: what a gateway (RFC 6052), an old stack or 6to4 makes of the address. Mapped ones are known. */
function addEverywhere(list: BlockList, [net, bits]: Subnet): void {
  list.addSubnet(net, bits, 'ipv4')
  list.addSubnet(`64:ff9b::${net}`, 96 + bits, 'ipv6')
  list.addSubnet(`::${net}`, 96 + bits, 'ipv6')
  list.addSubnet(`::ffff:0:${net}`, 96 + bits, 'ipv6')
  const [a, b, c, d] = net.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  list.addSubnet(`2002:${a}${b}:${c}${d}::`, 16 + bits, 'ipv6')
}

export class ClosedAddress extends Error {
  readonly code = 'it is at an address that nothing is sent to'
}

export function isClosedAddress(address: string): boolean {
  return isIn(closed, address)
}

function isIn(list: BlockList, address: string): boolean {
  const [plain = ''] = address.split('%') // without the interface
  const family = isIP(plain)
  return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}

/** For a host that is itself an address, which nobody looks up. */
export function assertOpenHost(hostname: string): void {
  if (isClosedAddress(bare(hostname))) throw new ClosedAddress(hostname)
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

/** The system's, but for closed addresses: a name may lead to one. */
export const openLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, options, (error, found, family) => {
    const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found]
    if (!error && addresses.some(isClosedAddress)) callback(new ClosedAddress(hostname), [])
    else callback(error, found, family)
  })
}

/** Of this machine and of private networks. */
const inner = new BlockList()
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  inner.addSubnet(net, bits, 'ipv4')
}
inner.addSubnet('::1', 128, 'ipv6')
inner.addSubnet('fc00::', 7, 'ipv6')
inner.addSubnet('fec0::', 10, 'ipv6')

/** No public host has one: the above, and what is reserved (RFC 6890) or sent to many. */
const notPublic = new BlockList()
for (const subnet of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  addEverywhere(notPublic, subnet)
}
for (const [net, bits] of [
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  notPublic.addSubnet(net, bits, 'ipv6')
}

const isNotPublic = (address: string): boolean => isIn(notPublic, address)

/**
 * Whether a host is this machine or in a private network. One that cannot be looked up is not, nor is one with any
 * other address beside: who answers for its name is somebody outside.
 */
export async function isInnerHost(hostname: string): Promise<boolean> {
  const host = bare(hostname)
  if (isIP(host) !== 0) return isIn(inner, host)
  const found = await lookup(host, { all: true }).catch(() => [])
  return found.length > 0 && found.every(({ address }) => isIn(inner, address))
}

/** For a host that is itself an address. */
export function assertPublicHost(hostname: string): void {
  assertOpenHost(hostname)
  if (isNotPublic(bare(hostname))) throw new ClosedAddress(hostname)
}

/** The system's, but for addresses that no public host has. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  openLookup(hostname, options, (error, found, family) => {
    const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found]
    if (!error && addresses.some(isNotPublic)) callback(new ClosedAddress(hostname), [])
    else callback(error, found, family)
  })
}
