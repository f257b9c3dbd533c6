// Fills the shells of the rendered replica, and lengthens its listings as one scrolls.
(async () => {
  const api = path => "/api/page?path=" + encodeURIComponent(path);
  const data = async path => (await fetch(api(path))).json();
  const app = document.getElementById("app");
  let loader = document.querySelector("[data-next-page]");
  let next = loader && loader.dataset.nextPage;
  if (app) {
    const page = await data(location.pathname + location.search);
    document.title = "";
    document.querySelector("title").remove();
    document.head.insertAdjacentHTML("beforeend", page.head);
    document.body.className = page.class;
    app.innerHTML = page.body;
    next = page.next;
  }
  let busy = false;
  addEventListener("scroll", async () => {
    const left = document.documentElement.scrollHeight - innerHeight - scrollY;
    if (busy || !next || left > 600) return;
    busy = true;
    const page = await data(next);
    document.querySelector("ul.infinite-content").insertAdjacentHTML("beforeend", page.entries);
    next = page.next;
    if (!next && loader) loader.remove();
    busy = false;
  });
})();
