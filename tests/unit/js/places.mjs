/** Amount patterns as the server hands them to the desk, for four places. */
const plain = { before: "", after: "", negative_before: "−", negative_after: "" };

const letter = [
  { format: "80mm", name: "80 mm" },
  { format: "letter", name: "Letter" },
];
const a4 = [letter[0], { format: "a4", name: "A4" }];

export const dollars = {
  papers: letter,
  exponent: 2,
  currency: "USD",
  time_zone: "America/New_York",
  amount_pattern: { ...plain, decimal: ".", group: ",", first: 3, others: 3 },
  money_pattern: { ...plain, before: "$", negative_before: "−$", decimal: ".", group: ",", first: 3, others: 3 },
};

export const euros = {
  papers: a4,
  exponent: 2,
  currency: "EUR",
  time_zone: "Europe/Berlin",
  amount_pattern: { ...plain, decimal: ",", group: ".", first: 3, others: 3 },
  money_pattern: { ...plain, after: " €", negative_after: " €", decimal: ",", group: ".", first: 3, others: 3 },
};

export const yen = {
  papers: a4,
  exponent: 0,
  currency: "JPY",
  time_zone: "Asia/Tokyo",
  amount_pattern: { ...plain, decimal: ".", group: ",", first: 3, others: 3 },
  money_pattern: { ...plain, before: "¥", negative_before: "−¥", decimal: ".", group: ",", first: 3, others: 3 },
};

export const rupees = {
  papers: a4,
  exponent: 2,
  currency: "INR",
  time_zone: "Asia/Kolkata",
  amount_pattern: { ...plain, decimal: ".", group: ",", first: 3, others: 2 },
  money_pattern: { ...plain, before: "₹", negative_before: "−₹", decimal: ".", group: ",", first: 3, others: 2 },
};
