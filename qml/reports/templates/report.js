"use strict";
(() => {
  const book = JSON.parse(document.getElementById("qml-charts").textContent);

  const inflate = ({ names, rows }) =>
    rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));

  const specification = (id, config) => {
    const { spec, datasets } = book.charts[id];
    return { ...spec, config, datasets: Object.fromEntries(datasets.map((name) => [name, inflate(book.datasets[name])])) };
  };

  // A saved picture stands alone, so the page's colour names become colours.
  const resolved = () => {
    const style = getComputedStyle(document.documentElement);
    const text = JSON.stringify(book.config).replace(/var\((--[a-z-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
    return { ...JSON.parse(text), background: style.getPropertyValue("--paper").trim() };
  };

  const options = { ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true } };

  const save = async (id, format, width) => {
    const stage = document.createElement("div");
    const { view } = await vegaEmbed(stage, { ...specification(id, resolved()), width }, options);
    const link = document.createElement("a");
    link.href = await view.toImageURL(format, 2);
    link.download = `${document.body.dataset.study}-${id}.${format}`;
    link.click();
    view.finalize();
  };

  const draw = async () => {
    const places = [...document.querySelectorAll("[data-chart]")];
    for (const place of places) {
      const id = place.dataset.chart;
      try {
        await vegaEmbed(place, specification(id, book.config), options);
        place.parentElement.querySelectorAll("[data-save]").forEach((button) => {
          button.hidden = false;
          button.addEventListener("click", () => save(id, button.dataset.save, Math.max(320, place.clientWidth - 160)));
        });
      } catch (error) {
        place.textContent = `This chart could not be drawn: ${error.message}`;
        console.error(id, error);
      }
    }
    document.body.dataset.drawn = String(places.length);
  };

  draw();
})();
