// Before the first paint: dark where the reader's system says so and they have not chosen otherwise.
(() => {
  const root = document.documentElement
  root.classList.add("script")
  if (root.dataset.theme !== "auto") return
  const dark = matchMedia("(prefers-color-scheme: dark)")
  const follow = () => { root.dataset.bsTheme = dark.matches ? "dark" : "light" }
  follow()
  dark.addEventListener("change", follow)
})()
