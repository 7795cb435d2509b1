// The QR code of a receipt leads here with the code behind `#`, which no server sees: into its field with it.
const code = new URLSearchParams(location.hash.slice(1)).get("code")
if (code) {
  document.querySelector("[data-code] [name=code]").value = code
  // Nor is it to stay in the address, or in the list of pages that were visited.
  history.replaceState(null, "", location.pathname)
}
