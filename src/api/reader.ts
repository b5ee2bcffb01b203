import type { Call } from '#http/route'

/** Tells one client from another, as far as that can be told: for what one is likely to want next. */
export const readerOf = ({ headers, raw }: Call): string =>
  [raw.socket?.remoteAddress, headers['x-forwarded-for'], headers['user-agent']].join(' ')
