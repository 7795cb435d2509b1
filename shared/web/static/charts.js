// Draws what stands in data-chart: {kind: "bar" | "line" | "stack", labels: [..], series: [{name, values, tone?, href?: [..]}],
// horizontal?: true, unit?: "%"}. Colours are the page's tokens; patterns, symbols and the table carry it without colour.
(() => {
  const SYMBOLS = ["circle", "triangle", "rect", "diamond", "roundRect", "pin", "arrow", "emptyCircle"]
  const DASHES = ["solid", "dashed", "dotted"]
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
  const drawn = new Map()
  const number = new Intl.NumberFormat(document.documentElement.lang)

  const option = (data, width) => {
    const text = token("tblr-body-color"), line = token("chart-line"), ground = token("tblr-bg-surface")
    const written = (value) => (value == null ? "–" : number.format(value) + (data.unit ?? ""))
    const isLine = data.kind === "line", several = data.series.length > 1
    const size = parseFloat(getComputedStyle(document.body).fontSize) * 0.8
    const label = { color: text, fontSize: size }
    const category = { type: "category", data: data.labels, axisLabel: { ...label, hideOverlap: true, width: Math.min(200, width * 0.3), overflow: data.horizontal ? "break" : "none" }, axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, inverse: Boolean(data.horizontal) }
    const value = { type: "value", minInterval: data.unit ? undefined : 1, max: data.unit === "%" ? 100 : undefined, axisLabel: { ...label, formatter: written, hideOverlap: true }, splitLine: { lineStyle: { color: line } } }
    return {
      animation: false, // a board is read, and drawn again each minute on the wall
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      color: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => token(`chart-${n}`)),
      aria: { enabled: true, label: { enabled: false }, decal: { show: several && !isLine, decals: decals(ground) } },
      grid: { left: 8, right: 20, top: several ? 36 : 12, bottom: 4, containLabel: true },
      legend: several ? { top: 0, left: 0, type: "scroll", icon: isLine ? undefined : "rect", textStyle: { color: text, fontSize: size }, pageIconColor: text, pageTextStyle: { color: text } } : undefined,
      tooltip: { trigger: "axis", confine: true, renderMode: "richText", backgroundColor: ground, borderColor: line, textStyle: { color: text, fontSize: size }, valueFormatter: written, axisPointer: { type: isLine ? "line" : "shadow" } },
      xAxis: data.horizontal ? value : category,
      yAxis: data.horizontal ? category : value,
      series: data.series.map((one, place) => ({
        name: one.name,
        type: isLine ? "line" : "bar",
        stack: data.kind === "stack" ? "all" : undefined,
        data: one.values,
        barMaxWidth: 28,
        symbol: SYMBOLS[place % SYMBOLS.length],
        symbolSize: 8,
        lineStyle: isLine ? { width: 2, type: DASHES[place % DASHES.length] } : undefined,
        cursor: one.href ? "pointer" : "default",
        itemStyle: { color: one.tone ? token(`chart-${one.tone}`) || token(`tone-${one.tone}`) : undefined, borderColor: isLine ? undefined : ground, borderWidth: isLine ? 0 : 1 },
      })),
    }
  }

  // Thin patterns in the colour of the ground, the first one plain: told apart in black and white, quiet in colour.
  const decals = (color) => [
    { symbol: "none" },
    { symbol: "line", symbolSize: 1, color, dashArrayX: [1, 0], dashArrayY: [2, 6], rotation: -Math.PI / 4 },
    { symbol: "circle", symbolSize: 0.35, color, dashArrayX: [[7, 14], [0, 7, 7, 7]], dashArrayY: [7, 4] },
    { symbol: "line", symbolSize: 1, color, dashArrayX: [1, 0], dashArrayY: [2, 8], rotation: Math.PI / 2 },
    { symbol: "rect", symbolSize: 0.5, color, dashArrayX: [[4, 8], [0, 8, 4, 0]], dashArrayY: [6, 2] },
  ]

  const draw = (element) => {
    const data = JSON.parse(element.dataset.chart)
    element.hidden = false
    if (data.horizontal) element.classList.add(data.labels.length > 12 ? "tall" : data.labels.length > 3 ? "middle" : "low")
    const chart = drawn.get(element) ?? echarts.init(element, null, { renderer: "svg" })
    chart.setOption(option(data, element.clientWidth), true)
    chart.off("click")
    chart.on("click", (hit) => {
      const href = data.series[hit.seriesIndex].href?.[hit.dataIndex]
      if (href) location.assign(href)
    })
    drawn.set(element, chart)
  }

  const drawAll = () => {
    for (const [element, chart] of drawn) if (!element.isConnected) { chart.dispose(); drawn.delete(element) }
    document.querySelectorAll("[data-chart]").forEach(draw)
    // Where a picture is, its table is there on demand; without script it stands open.
    for (const table of document.querySelectorAll("details.chart-table:not([data-settled])")) { table.open = table.dataset.open !== undefined; table.dataset.settled = "" }
  }
  const resized = new ResizeObserver(() => drawn.forEach((chart) => chart.resize()))
  addEventListener("DOMContentLoaded", () => { drawAll(); resized.observe(document.body) })
  document.addEventListener("htmx:afterSettle", drawAll)
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] })
})()
