/** Addresses that no index has, and that tell secrets to whoever asks from this machine: link-local ones. */
import { lookup as systemLookup } from 'node:dns'
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
