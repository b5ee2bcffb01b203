// Listens to: [data-copy]. Puts a button there that copies the text of the <code> within, and says so to who hears the page.
const boxes = document.querySelectorAll('[data-copy]')
const status = document.createElement('p')
status.className = 'hidden-text'
status.setAttribute('role', 'status')
if (boxes.length > 0) document.querySelector('main')?.append(status)

for (const box of boxes) {
  const code = box.querySelector('code')
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = 'Copy'
  button.setAttribute('aria-label', 'Copy the command')
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent)
      tell('Copied')
    } catch {
      getSelection().selectAllChildren(code)
      tell('Press Ctrl+C')
    }
    setTimeout(() => tell('Copy', ''), 2000)
  })
  box.append(button)

  function tell(text, said = text) {
    button.textContent = text
    status.textContent = said
  }
}
