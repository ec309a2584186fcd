/** Wait until the pictures of a IIIF image are there and nothing more has come for a while. */
window.quiet = async (milliseconds = 1500) => {
  const pictures = () => performance.getEntriesByType("resource")
    .filter(({ name }) => name.includes("/iiif/") && name.endsWith(".jpg"));
  let [count, since] = [0, performance.now()];
  while (!count || performance.now() - since < milliseconds) {
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    const now = pictures().length;
    [count, since] = now === count ? [count, since] : [now, performance.now()];
  }
  const { left, top, width, height } = document
    .querySelector(".openseadragon-container").getBoundingClientRect();
  return { pictures: count, place: [left, top, width, height] };
};
