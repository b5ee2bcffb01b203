// Listens to: .readme pre, .readme table. Those that scroll sideways can be reached by keys, and only those.
const watcher = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
    else target.removeAttribute('tabindex')
  }
})

// Behind the first picture: nobody presses a key before.
requestAnimationFrame(() =>
  setTimeout(() => {
    for (const box of document.querySelectorAll('.readme :is(pre, table)')) watcher.observe(box)
  }),
)
