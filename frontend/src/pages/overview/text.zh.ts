import type { OverviewText } from "./text.en.ts";

export const overviewZh: OverviewText = {
  title: "账本一览",
  lead: "谁为模型出了力，各得多少，为何如此：写在人人可查之处。本页在您的浏览器里直接读链，所示的每个文件都先与链上的哈希核对。",
  demo: "演示：所用记录为不含姓名的公开数据集，故不计隐私预算；医院是模拟的；页面内容不是医疗建议。",
};
