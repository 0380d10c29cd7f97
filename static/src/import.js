// How far an import is: this asks the page itself each second or two. Without it the link on the page does.

const region = "import";

async function look() {
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById(region);
    if (!now) return; // signed out meanwhile
    if (!now.querySelector("progress")) {
      location.reload();
      return;
    }
    const bar = document.getElementById("import-progress");
    bar.value = now.querySelector("progress").value;
    bar.labels[0].textContent = now.querySelector("label").textContent;
  }
  setTimeout(look, 1500);
}

setTimeout(look, 1500);
