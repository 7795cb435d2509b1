// Starts the API browser; a file of its own because the content policy forbids inline scripts.
window.addEventListener("load", () => {
  SwaggerUIBundle({ url: document.getElementById("api-docs").dataset.document, dom_id: "#swagger" });
});
