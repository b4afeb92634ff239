// On this page nobody is signed in: tabs that show a person's page now ask whether that still is so (session.js).
{
  const channel = new BroadcastChannel("session");
  channel.postMessage({ person: "" });
  channel.close();  // an open channel would stop the browser from going back at once
}
