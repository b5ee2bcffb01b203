/** The last step of every rendering: whatever HTML comes in, only what is allowed goes out. */
import sanitizeHtml from 'sanitize-html'
import { cleanImageAddress, cleanLink, isInlineImage } from './addresses.ts'
import { allowedTags, attributeNames, cleanAttributes, droppedWithContent } from './allowed.ts'
import type { Images } from '../rendered.ts'

type Attributes = Readonly<Record<string, string>>

/** Browsers nest no deeper than 512; a page needs room for its own. */
const DEEPEST = 100

export function sanitise(html: string, images: Images): string {
  return new Sanitiser(images).clean(html)
}

class Sanitiser {
  readonly #images: Images
  /** The links and would-be links around the place that is read; true for those that lead somewhere. */
  readonly #anchors: boolean[] = []

  constructor(images: Images) {
    this.#images = images
  }

  clean(html: string): string {
    return sanitizeHtml(html, {
      allowedTags: [...allowedTags],
      allowedAttributes: {
        ...attributeNames,
        a: [...attributeNames['a']!, 'href', 'rel', ...imageData],
        span: [...attributeNames['span']!, ...imageData],
        img: [...attributeNames['img']!, 'src', 'loading', 'referrerpolicy'],
      },
      // Addresses have been checked more strictly; this is the second lock on the same door.
      allowedSchemes: ['http', 'https', 'mailto'],
      allowedSchemesByTag: { img: ['http', 'https', 'data'] },
      nonTextTags: [...droppedWithContent],
      nestingLimit: DEEPEST,
      transformTags: {
        ...Object.fromEntries(allowedTags.map((tag) => [tag, keepElement])),
        a: (_tag, attributes) => this.#keepLink(attributes),
        img: (_tag, attributes) => this.#keepImage(attributes),
        center: () => ({ tagName: 'div', attribs: { align: 'center' } }),
        // Landmarks are the page's own.
        aside: (_tag, attributes) => keepElement('div', attributes),
        nav: (_tag, attributes) => keepElement('div', attributes),
        strike: () => ({ tagName: 's', attribs: {} }),
      },
      // Called for dropped elements too, which are not transformed.
      onOpenTag: (name) => {
        if (name === 'a') this.#anchors.push(false)
      },
      onCloseTag: (name) => {
        if (name === 'a') this.#anchors.pop()
      },
    })
  }

  #isInLink(): boolean {
    return this.#anchors.includes(true)
  }

  /** A link that leads nowhere, or stands in another, is kept as its text. */
  #keepLink(attributes: Attributes): sanitizeHtml.Tag {
    const href = attributes['href'] === undefined ? undefined : cleanLink(attributes['href'])
    const isLink = href !== undefined && !this.#isInLink()
    this.#anchors[this.#anchors.length - 1] = isLink

    // The old way to name a place in a page.
    const id = attributes['id'] ?? attributes['name']
    const kept = cleanAttributes('a', { ...attributes, ...(id !== undefined && { id }) })
    if (!isLink) return { tagName: 'span', attribs: kept }
    return { tagName: 'a', attribs: { ...kept, href, ...(!href.startsWith('#') && away) } }
  }

  #keepImage(attributes: Attributes): sanitizeHtml.Tag {
    const { alt = '', ...kept } = cleanAttributes('img', attributes)
    const given = (attributes['src'] ?? '').trim()
    if (isInlineImage(given)) return { tagName: 'img', attribs: { ...kept, alt, src: given } }

    const src = cleanImageAddress(given)
    if (src === undefined) return { tagName: 'span', attribs: {}, text: alt }
    if (this.#images === 'show') {
      const manners = { loading: 'lazy', referrerpolicy: 'no-referrer' }
      return { tagName: 'img', attribs: { ...kept, alt, src, ...manners } }
    }
    return this.#linkImage(src, alt || lastPart(src), kept)
  }

  /** Inside a link the image is a word of it, since links do not nest. */
  #linkImage(src: string, text: string, { title, width, height }: Attributes): sanitizeHtml.Tag {
    const attribs = {
      class: 'remote-image',
      'data-src': src,
      ...(title && { title }),
      ...(width && { 'data-width': width }),
      ...(height && { 'data-height': height }),
    }
    if (this.#isInLink()) return { tagName: 'span', attribs, text }
    return { tagName: 'a', attribs: { ...attribs, href: src, ...away }, text }
  }
}

const imageData = ['data-src', 'data-width', 'data-height']
const away = { rel: 'nofollow noopener noreferrer' }

function keepElement(tagName: string, attributes: Attributes): sanitizeHtml.Tag {
  return { tagName, attribs: cleanAttributes(tagName, attributes) }
}

/** What to call an image without a name. */
function lastPart(address: string): string {
  const { hostname, pathname } = new URL(address)
  return pathname.split('/').findLast((part) => part !== '') ?? hostname
}
