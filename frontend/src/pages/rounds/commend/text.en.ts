export const commendEn = {
  heading: "Outstanding work",
  lead: "Each organisation with a library card has one voice for each settlement: up to three seats whose work was outstanding. A small, capped share of the pool follows these voices. They are public, and cannot be changed.",
  loading: "Reading the voices …",
  forSettlement: (index: string) => `For settlement ${index}, the next one`,
  underWay: (index: string) => `Settlement ${index} is under way: what it pays was signed. Voices for the next one can be given once it is final.`,
  cutOff: "What counts are the voices given before the last round that the settlement covers has become final. Speak early.",
  noCard: "You hold no library card here. Governance gives one to each organisation that it admits; the card votes, not the person.",
  connect: "Connect the account of an institution to give its voice.",
  speaksAs: "You speak as",
  choose: "Up to three seats. Those of your own organisation, and of organisations under common control with it, are not offered.",
  nobody: "There is no seat of another organisation to name.",
  seat: (seat: string) => `Seat ${seat}`,
  give: "Give this voice for good",
  given: (organisation: string, index: string) => `Organisation ${organisation} has spoken for settlement ${index}`,
  voices: "Voices so far",
  none: "Nobody has spoken yet.",
  commends: "for",
};

export type CommendText = typeof commendEn;
