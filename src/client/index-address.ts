/** Which index of which server a command is about: `user/index` on a server, or a whole address. */

/** Where a server listens that was started without settings. */
const USUAL_SERVER = 'http://127.0.0.1:3141/'

export interface IndexAddress {
  readonly server: URL
  /** `user/index` */
  readonly index: string
}

/** The address, or what is wrong with it, as a sentence. `server` is where it lies, unless the text is a whole address. */
export function parseIndexAddress(
  text: string,
  server: string = USUAL_SERVER,
): IndexAddress | string {
  if (/^https?:/i.test(text)) return readWhole(text)
  const root = URL.parse(server)
  if (!root || !/^https?:$/.test(root.protocol)) return `the server '${server}' is no http address`
  const segments = text.replace(/^\/|\/$/g, '').split('/')
  if (segments.length !== 2 || segments.includes('')) {
    return `'${text}' is no index: write user/index, or its whole address`
  }
  if (!root.pathname.endsWith('/')) root.pathname += '/'
  return { server: root, index: segments.join('/') }
}

/** The index is the last two segments, before `+simple` if that is there: what stands before is the server's. */
function readWhole(text: string): IndexAddress | string {
  const url = URL.parse(text)
  const path =
    url?.pathname
      .replace(/\/$/, '')
      .replace(/\/\+simple$/, '')
      .split('/') ?? []
  const [user = '', index = ''] = path.slice(-2)
  if (!url || user === '' || index === '') return `'${text}' is no address of an index`
  const server = new URL(url)
  server.pathname = `${path.slice(0, -2).join('/')}/`
  server.search = ''
  server.hash = ''
  return { server, index: `${user}/${index}` }
}
