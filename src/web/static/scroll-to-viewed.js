// Listens to: .diagram-box. One that scrolls begins at the index that its page is about.
for (const box of document.querySelectorAll('.diagram-box')) {
  const viewed = box.querySelector('.viewed')?.getBoundingClientRect()
  if (!viewed) continue
  const { left, top } = box.getBoundingClientRect()
  box.scrollLeft += viewed.left + viewed.width / 2 - left - box.clientWidth / 2
  box.scrollTop += viewed.top + viewed.height / 2 - top - box.clientHeight / 2
}
