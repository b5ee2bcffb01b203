// Listens to: form[data-upload] with [data-drop] and [data-results]. Takes files that are dropped, and sends each alone.
for (const form of document.querySelectorAll('form[data-upload]')) {
  const area = form.querySelector('[data-drop]')
  const input = area.querySelector('input[type=file]')
  const list = form.querySelector('[data-results]')
  const csrf = form.querySelector('input[name=csrf]')?.value ?? ''
  let queue = Promise.resolve()

  const hint = document.createElement('p')
  hint.className = 'doc'
  hint.textContent = input.multiple
    ? 'Choose files, or drop them here.'
    : 'Choose a file, or drop it here.'
  area.append(hint)

  for (const name of ['dragenter', 'dragover']) {
    area.addEventListener(name, (event) => {
      event.preventDefault()
      area.classList.add('over')
    })
  }
  area.addEventListener('dragleave', () => area.classList.remove('over'))
  area.addEventListener('drop', (event) => {
    event.preventDefault()
    area.classList.remove('over')
    if (others().every((field) => field.reportValidity())) sendAll([...event.dataTransfer.files])
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const files = [...input.files]
    input.value = ''
    sendAll(files)
  })

  function others() {
    return [...form.querySelectorAll('input:not([type=file], [type=hidden])')]
  }

  function sendAll(files) {
    for (const file of files) {
      const line = addLine(file.name)
      queue = queue.then(() => send(file, line))
    }
  }

  function addLine(filename) {
    const line = document.createElement('li')
    const name = document.createElement('strong')
    name.textContent = filename
    const state = document.createElement('span')
    state.textContent = 'waiting'
    const bar = document.createElement('progress')
    bar.max = 1
    bar.value = 0
    bar.setAttribute('aria-label', `Upload of ${filename}`)
    line.append(name, ' ', bar, ' ', state)
    list.append(line)
    return { line, bar, state }
  }

  function send(file, { line, bar, state }) {
    const body = new FormData()
    for (const field of others()) body.append(field.name, field.value)
    body.append(input.name, file)
    const request = new XMLHttpRequest()
    return new Promise((resolve) => {
      request.open('POST', form.action)
      request.setRequestHeader('Accept', 'application/json')
      request.setRequestHeader('X-CSRF-Token', csrf)
      request.responseType = 'json'
      request.upload.addEventListener('progress', ({ loaded, total }) => {
        bar.value = loaded / total
        state.textContent =
          loaded < total ? `${Math.floor((100 * loaded) / total)} %` : 'being looked at'
      })
      request.addEventListener('load', () =>
        show(request.response?.files?.[0] ?? { message: told() }),
      )
      request.addEventListener('error', () => show({ message: 'The connection broke.' }))
      request.addEventListener('loadend', resolve)
      request.send(body)
    })

    function told() {
      return request.response?.message ?? `The server answered ${request.status}.`
    }

    function show({ isTaken = false, message, address }) {
      bar.remove()
      line.className = isTaken ? 'taken' : 'refused'
      if (!address) return (state.textContent = message)
      const link = document.createElement('a')
      link.href = address
      link.textContent = message
      state.replaceChildren(link)
    }
  }
}
