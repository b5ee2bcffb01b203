// Listens to: input[data-suggest], an address that answers ?q= with { result: [{ project, index }] }.
// Shows names below the field while somebody types; arrow keys choose, Enter goes there, Escape closes.
const DELAY_MS = 120

for (const input of document.querySelectorAll('input[data-suggest]')) listen(input)

function listen(input) {
  const list = document.createElement('ul')
  list.className = 'suggestions'
  list.id = 'suggestions'
  list.role = 'listbox'
  list.hidden = true
  list.setAttribute('aria-label', 'Projects')
  input.after(list)
  for (const [name, value] of Object.entries({
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-controls': list.id,
    'aria-expanded': 'false',
  })) {
    input.setAttribute(name, value)
  }

  let timer
  let asked
  let chosen = -1

  input.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(ask, DELAY_MS)
  })
  input.addEventListener('keydown', (event) => {
    if (list.hidden) return
    if (event.key === 'ArrowDown') choose(chosen + 1)
    else if (event.key === 'ArrowUp') choose(chosen - 1)
    else if (event.key === 'Escape') close()
    else if (event.key === 'Enter' && chosen >= 0) list.children[chosen].querySelector('a').click()
    else return
    event.preventDefault()
  })
  input.addEventListener('blur', () => setTimeout(close, 150))

  async function ask() {
    const text = input.value.trim()
    asked?.abort()
    if (text.length < 2) return close()
    asked = new AbortController()
    try {
      const address = `${input.dataset.suggest}?q=${encodeURIComponent(text)}`
      const response = await fetch(address, { signal: asked.signal })
      if (response.ok) show((await response.json()).result)
    } catch {
      // Typing goes on, or the server is away: the form still works.
    }
  }

  function show(found) {
    chosen = -1
    list.replaceChildren(
      ...found.map(({ project, index }, at) => {
        const item = document.createElement('li')
        item.role = 'option'
        item.id = `suggestion-${at}`
        const link = document.createElement('a')
        link.href = `${input.dataset.root}/${index}/${encodeURIComponent(project)}`
        link.tabIndex = -1
        link.append(project)
        const from = document.createElement('small')
        from.textContent = index
        link.append(' ', from)
        item.append(link)
        return item
      }),
    )
    list.hidden = found.length === 0
    input.setAttribute('aria-expanded', String(!list.hidden))
    input.removeAttribute('aria-activedescendant')
  }

  function choose(at) {
    const items = [...list.children]
    chosen = (at + items.length) % items.length
    items.forEach((item, one) => item.setAttribute('aria-selected', String(one === chosen)))
    input.setAttribute('aria-activedescendant', items[chosen].id)
    items[chosen].scrollIntoView({ block: 'nearest' })
  }

  function close() {
    asked?.abort()
    list.hidden = true
    input.setAttribute('aria-expanded', 'false')
  }
}
