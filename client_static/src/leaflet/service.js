// Questions to services of others, which the page's own policy may forbid.

const SOON = 500; // ms in which a browser tells of its policy

/**
 * Ask as `fetch` does.  Where the Content-Security-Policy of the page is in the way, the error says
 * so, and names the host: browsers tell that in the console alone.
 *
 * @param {string} url
 * @param {RequestInit} [options]
 * @returns {Promise<Response>}
 */
export async function askService(url, options) {
  const { host, origin } = new URL(url, location.href);
  let heard;
  const forbidden = new Promise((resolve) => {
    heard = ({ blockedURI }) => blockedURI.startsWith(origin) && resolve(true);
    document.addEventListener("securitypolicyviolation", heard);
  });
  try {
    return await fetch(url, options);
  } catch (error) {
    const later = new Promise((resolve) => setTimeout(resolve, SOON, false));
    if (error instanceof TypeError && await Promise.race([forbidden, later])) {
      throw new Error(`the policy of this site does not allow ${host} (Content-Security-Policy, connect-src)`);
    }
    throw error;
  } finally {
    document.removeEventListener("securitypolicyviolation", heard);
  }
}
