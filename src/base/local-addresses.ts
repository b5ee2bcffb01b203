/** Addresses that no index has, and that tell secrets to whoever asks from this machine: link-local ones. */
import { lookup as systemLookup } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** The metadata services of clouds answer there. */
const closed = new BlockList()
closed.addSubnet('169.254.0.0', 16, 'ipv4')
closed.addSubnet('fe80::', 10, 'ipv6')
closed.addSubnet('fd00:ec2::', 32, 'ipv6')

export class ClosedAddress extends Error {
  readonly code = 'it is at an address that nothing is sent to'
}

export function isClosedAddress(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && closed.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** For a host that is itself an address, which nobody looks up. */
export function assertOpenHost(hostname: string): void {
  if (isClosedAddress(hostname.replace(/^\[|\]$/g, ''))) throw new ClosedAddress(hostname)
}

/** The system's, but for closed addresses: a name may lead to one. */
export const openLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, options, (error, found, family) => {
    const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found]
    if (!error && addresses.some(isClosedAddress)) callback(new ClosedAddress(hostname), [])
    else callback(error, found, family)
  })
}

/** Addresses of this machine and of private networks: no public host has one. */
const inner = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  inner.addSubnet(net, bits, 'ipv4')
}
for (const [net, bits] of [
  ['::', 127],
  ['fc00::', 7],
] as const) {
  inner.addSubnet(net, bits, 'ipv6')
}

function isInnerAddress(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && inner.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** Whether a host is, or leads to, this machine or a private network. One that cannot be looked up does not. */
export async function isInnerHost(hostname: string): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return isInnerAddress(host)
  const found = await lookup(host, { all: true }).catch(() => [])
  return found.some(({ address }) => isInnerAddress(address))
}

/** For a host that is itself an address. */
export function assertPublicHost(hostname: string): void {
  assertOpenHost(hostname)
  if (isInnerAddress(hostname.replace(/^\[|\]$/g, ''))) throw new ClosedAddress(hostname)
}

/** The system's, but for addresses of this machine and of private networks. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  openLookup(hostname, options, (error, found, family) => {
    const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found]
    if (!error && addresses.some(isInnerAddress)) callback(new ClosedAddress(hostname), [])
    else callback(error, found, family)
  })
}
