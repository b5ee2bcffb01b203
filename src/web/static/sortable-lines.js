// Listens to: textarea[data-sortable-lines]. Shows its lines as a list that can be put in order, by mouse and by keys.
for (const area of document.querySelectorAll('textarea[data-sortable-lines]')) {
  const list = document.createElement('ol')
  list.className = 'sortable'
  const status = document.createElement('p')
  status.className = 'hidden-text'
  status.setAttribute('role', 'status')
  const adding = document.createElement('div')
  adding.className = 'adding'
  const input = document.createElement('input')
  input.placeholder = 'user/index'
  input.setAttribute('aria-label', `Add to ${area.name}`)
  const add = button('Add', `Add to ${area.name}`, () => {
    const name = input.value.trim()
    if (name === '') return
    setLines([...lines(), name])
    input.value = ''
    input.focus()
  })
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    add.click()
  })
  // What was typed is meant, whether it was added or not.
  area.form?.addEventListener('submit', () => add.click())
  adding.append(input, add)
  area.hidden = true
  area.after(list, adding, status)
  document.querySelector(`label[for="${area.id}"]`)?.addEventListener('click', () => input.focus())
  let dragged
  show()

  function lines() {
    return area.value
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
  }

  function setLines(all) {
    area.value = all.join('\n')
    show()
  }

  function move(from, to, action) {
    const all = lines()
    if (to < 0 || to >= all.length) return
    const [line] = all.splice(from, 1)
    all.splice(to, 0, line)
    setLines(all)
    status.textContent = `${line} is number ${to + 1} of ${all.length}`
    if (action) list.children[to].querySelector(`[data-action=${action}]`)?.focus()
  }

  function show() {
    list.replaceChildren(...lines().map(makeLine))
  }

  function makeLine(line, at, all) {
    const item = document.createElement('li')
    item.draggable = true
    const name = document.createElement('span')
    name.textContent = line
    const up = button('↑', `Move ${line} up`, () => move(at, at - 1, at > 1 ? 'up' : 'down'))
    const down = button('↓', `Move ${line} down`, () =>
      move(at, at + 1, at < all.length - 2 ? 'down' : 'up'),
    )
    up.dataset.action = 'up'
    down.dataset.action = 'down'
    up.disabled = at === 0
    down.disabled = at === all.length - 1
    const remove = button('✕', `Remove ${line}`, () => {
      setLines(lines().filter((_line, other) => other !== at))
      status.textContent = `${line} is removed`
      input.focus()
    })
    item.append(name, up, down, remove)
    item.addEventListener('dragstart', () => (dragged = at))
    item.addEventListener('dragover', (event) => event.preventDefault())
    item.addEventListener('drop', (event) => {
      event.preventDefault()
      if (dragged !== undefined) move(dragged, at)
      dragged = undefined
    })
    return item
  }

  function button(text, label, onClick) {
    const made = document.createElement('button')
    made.type = 'button'
    made.className = 'quiet'
    made.textContent = text
    made.setAttribute('aria-label', label)
    made.addEventListener('click', onClick)
    return made
  }
}
