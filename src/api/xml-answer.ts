/** What is asked and answered as XML-RPC. */
import type { Answer, Call } from '#http/route'
import { printXmlRpcFault } from '#python/xmlrpc'

/** A program, whatever it says that it accepts. */
export const isXml = ({ headers }: Pick<Call, 'headers'>): boolean =>
  /^(?:text|application)\/xml\b/i.test(headers['content-type'] ?? '')

export const xmlAnswer = (body: string): Answer => ({
  status: 200,
  headers: { 'Content-Type': 'text/xml; charset=UTF-8' },
  body,
})

export const faultAnswer = (message: string): Answer => xmlAnswer(printXmlRpcFault(1, message))
