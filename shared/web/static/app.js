// What script adds to pages that work without it.

// After a problem the reader, also of a screen reader, stands at its text.
const atProblem = () => document.querySelector("[data-focus]")?.focus()

// Keys: an element with data-key="ctrl+enter" is pressed by that key; single letters only outside of fields.
addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]")
  const key = (event.ctrlKey || event.metaKey ? "ctrl+" : "") + event.key.toLowerCase()
  if (event.altKey || event.isComposing || (typing && !key.startsWith("ctrl+") && key !== "escape")) return
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`)
  if (!target) return
  event.preventDefault()
  if (target.matches("textarea, input:not([type=submit]), select")) target.focus()
  else target.click()
})

addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print()
  const copy = event.target.closest("[data-copy]")
  if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => { copy.textContent = copy.dataset.copied })
  // An open menu closes when one clicks elsewhere.
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false
})
addEventListener("keydown", (event) => {
  // Out of a text, so that single keys work again.
  if (event.key === "Escape" && !event.isComposing && document.activeElement?.matches("textarea")) document.activeElement.blur()
  if (event.key === "Escape") for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false
})

// How many characters are left, once it matters.
addEventListener("input", (event) => {
  const limit = Number(event.target.dataset?.count)
  if (!limit) return
  const left = limit - [...event.target.value].length
  let shown = event.target.nextElementSibling
  if (!shown?.matches(".count-left")) {
    shown = document.createElement("p")
    shown.className = "form-hint count-left"
    shown.setAttribute("aria-live", "polite")
    event.target.after(shown)
  }
  shown.textContent = left < limit / 5 ? String(left) : ""
})

// A form is sent once, however often its button is pressed.
addEventListener("submit", (event) => {
  const form = event.target
  if (form.method !== "post" || event.defaultPrevented) return
  if (form.dataset.sent) return event.preventDefault()
  form.dataset.sent = "1"
})
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent
})

addEventListener("DOMContentLoaded", atProblem)

// After signing in, a form of another service goes on to it, which asks before anything is done.
addEventListener("DOMContentLoaded", () => document.querySelector("form[data-go-on]")?.requestSubmit())

// A link into a closed step opens it.
const openTarget = () => {
  const found = location.hash && document.getElementById(location.hash.slice(1))
  const step = found && found.closest("details")
  if (step) step.open = true
  if (found) found.scrollIntoView()
  return Boolean(found)
}
addEventListener("hashchange", openTarget)
addEventListener("DOMContentLoaded", openTarget)
// It may stand in a part that another service brings, and those come one after another.
const onceThere = () => { if (openTarget()) document.removeEventListener("htmx:afterSettle", onceThere) }
document.addEventListener("htmx:afterSettle", onceThere)
