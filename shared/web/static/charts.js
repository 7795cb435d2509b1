// Draws what stands in data-chart: {kind: "bar" | "line" | "stack", labels: [..], series: [{name, values, tone?, href?: [..]}],
// horizontal?: true, unit?: ""}. Colours are the page's tokens; patterns and the table carry it without colour.
(() => {
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
  const drawn = new Map()

  const option = (data) => {
    const text = token("tblr-body-color"), line = token("chart-line")
    const category = { type: "category", data: data.labels, axisLabel: { color: text, hideOverlap: true }, axisLine: { lineStyle: { color: line } }, inverse: Boolean(data.horizontal) }
    const value = { type: "value", minInterval: 1, axisLabel: { color: text }, splitLine: { lineStyle: { color: line } } }
    return {
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      color: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => token(`chart-${n}`)),
      aria: { enabled: true, decal: { show: data.series.length > 1 && data.kind !== "line" } },
      grid: { left: 8, right: 16, top: data.series.length > 1 ? 40 : 12, bottom: 8, containLabel: true },
      legend: data.series.length > 1 ? { top: 0, type: "scroll", textStyle: { color: text } } : undefined,
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: data.kind === "line" ? "line" : "shadow" } },
      xAxis: data.horizontal ? value : category,
      yAxis: data.horizontal ? category : value,
      series: data.series.map((one) => ({
        name: one.name,
        type: data.kind === "line" ? "line" : "bar",
        stack: data.kind === "stack" ? "all" : undefined,
        data: one.values,
        barMaxWidth: 28,
        symbolSize: 7,
        itemStyle: one.tone ? { color: token(`tone-${one.tone}`) } : undefined,
      })),
    }
  }

  const draw = (element) => {
    const data = JSON.parse(element.dataset.chart)
    element.hidden = false
    if (data.horizontal) element.classList.add(data.labels.length > 12 ? "tall" : "middle")
    const chart = drawn.get(element) ?? echarts.init(element, null, { renderer: "svg" })
    chart.setOption(option(data), true)
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
  }
  addEventListener("DOMContentLoaded", drawAll)
  document.addEventListener("htmx:afterSettle", drawAll)
  addEventListener("resize", () => drawn.forEach((chart) => chart.resize()))
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] })
})()
