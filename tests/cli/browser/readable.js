// Every text that is seen on the page, with its contrast (WCAG 2) against what is painted behind it. The page must fit the window.
() => {
  const SHAPES = new Set(["rect", "path", "polygon", "circle", "ellipse"]);

  const colour = (text) => {
    const [red, green, blue, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
    return text === "none" || blue === undefined ? { rgb: [0, 0, 0], alpha: 0 } : { rgb: [red, green, blue], alpha };
  };
  const chain = (element) => {
    let opacity = 1;
    for (let one = element; one; one = one.parentElement) opacity *= Number(getComputedStyle(one).opacity);
    return opacity;
  };
  const over = (below, { rgb, alpha }, opacity) => below.map((value, i) => value + (rgb[i] - value) * alpha * opacity);
  const paint = (element) => {
    const style = getComputedStyle(element);
    if (!(element instanceof SVGElement)) return colour(style.backgroundColor);
    const fill = colour(SHAPES.has(element.tagName) ? style.fill : "none");
    return { ...fill, alpha: fill.alpha * Number(style.fillOpacity) };
  };
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };

  const seen = [];
  const look = (text, element, box, ink) => {
    const at = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const own = at.indexOf(element);
    if (own < 0) return; // scrolled away in its own frame, clipped, or something else lies on it
    let behind = [255, 255, 255];
    for (const one of at.slice(own).reverse()) behind = over(behind, paint(one), chain(one));
    seen.push([text.trim(), contrast(behind, over(behind, colour(ink), chain(element)))]);
  };

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const box = range.getClientRects()[0];
    const element = texts.currentNode.parentElement;
    if (!box?.width || !texts.currentNode.data.trim()) continue;
    const style = getComputedStyle(element);
    look(texts.currentNode.data, element, box, element instanceof SVGElement ? style.fill : style.color);
  }
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const box = field.getBoundingClientRect();
    look(field.value || field.name, field, box, getComputedStyle(field).color);
    if (field.placeholder) look(field.placeholder, field, box, getComputedStyle(field, "::placeholder").color);
  }
  return seen;
}
