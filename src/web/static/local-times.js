// Listens to: <time datetime="…">. Shows the reader's own time, in the same form; the exact one stays in the title.
const format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short' })

for (const element of document.querySelectorAll('time[datetime]')) {
  const at = new Date(element.dateTime)
  if (!Number.isNaN(at.getTime())) element.textContent = format.format(at)
}
