export default {
  title: "A course",
  head: [["script", { src: "https://understudy.example/understudy-lab.js", async: "" }]],
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag === "understudy-lab" } } },
};
