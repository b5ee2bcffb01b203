/** The serialisations of a Simple page. */
export type SimpleFormat = 'json' | 'html-v1' | 'html'

export const contentTypes: Readonly<Record<SimpleFormat, string>> = {
  json: 'application/vnd.pypi.simple.v1+json',
  'html-v1': 'application/vnd.pypi.simple.v1+html; charset=utf-8',
  html: 'text/html; charset=utf-8',
}
