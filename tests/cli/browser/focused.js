// What has the focus: what it is called, and whether a ring around it says so.
() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  const text = (at.labels?.[0] ?? at).innerText.trim() || at.getAttribute("aria-label") || "";
  return {
    name: text.split("\n")[0],
    tag: at.tagName,
    ring: style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2 && style.outlineColor !== style.backgroundColor,
  };
}
