/** Where a server listens: an address and port, or a Unix socket. */
export type ListenPlace =
  | {
      /** `*` for all addresses, of IPv6 where there is any. */
      readonly host: string
      readonly port: number
    }
  | {
      readonly path: string
      /** As `chmod` has it: who may connect. */
      readonly mode: number
    }

/** As one writes it in an address: with brackets around IPv6. */
export const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)

export function printPlace(place: ListenPlace): string {
  return 'path' in place ? `unix:${place.path}` : `${hostInUrl(place.host)}:${place.port}`
}
