/** What every answer tells of the server (devpi-http 1.2). */
import { DEVPI_VERSION } from '#api/status'
import type { Ledger } from '#ledger/ledger'

/** `primaryUuid`: of whom it follows, empty where it has never heard of it; its own where it follows nobody. */
export function devpiHeaders(
  ledger: Ledger,
  uuid: string,
  primaryUuid: () => string,
): () => Readonly<Record<string, string>> {
  let headers: Readonly<Record<string, string>> = {}
  let serial: number | undefined
  let primary: string | undefined
  return () => {
    if (serial === ledger.serial && primary === primaryUuid()) return headers
    serial = ledger.serial
    primary = primaryUuid()
    headers = {
      'X-DEVPI-API-VERSION': '2',
      'X-DEVPI-SERVER-VERSION': DEVPI_VERSION,
      'X-DEVPI-SERIAL': String(serial),
      'X-DEVPI-UUID': uuid,
      'X-DEVPI-PRIMARY-UUID': primary,
      'X-DEVPI-MASTER-UUID': primary,
    }
    return headers
  }
}
