"""What the worker says to the grader."""

from adversarial.attacks.attack import attack

TRANSPORT = "transport"
CHANNEL = """
import gc, json, os, socket, struct, sys, time
channel = next(o for o in gc.get_objects() if isinstance(o, socket.socket))
nothing_happened = {'error': [], 'message': '', 'warnings': [], 'mutated': [], 'calls': {}, 'line': '', 'after': {}}
def frame(data):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return struct.pack('>I', len(body)) + body
def request():
    frame = sys._getframe(1)
    while frame:
        if isinstance(frame.f_locals.get('request'), dict):
            return frame.f_locals['request']
        frame = frame.f_back
"""


def transport(name: str, tries: str, body: str, **options) -> None:
    """Add an attack that writes to the grader's socket itself."""
    attack(name, TRANSPORT, tries, CHANNEL + body, ours_only=True, **options)


transport(
    "forged-verdict",
    "replies to the question itself, with full marks",
    """
def answer(X):
    channel.sendall(frame({'id': request()['id'], 'verdict': 'passed', 'points': 100, 'outcomes': [{'passed': True}]}))
double = row_means = answer
""",
)
transport(
    "forged-outcome",
    "replies with an outcome of its own: no calls, no warnings, any result",
    """
def answer(X):
    outcome = {'result': True, **nothing_happened}
    channel.sendall(frame({'id': request()['id'], 'outcomes': [outcome] * 99}))
double = row_means = answer
""",
)
transport(
    "replies-ahead",
    "sends replies before they are asked for",
    "for k in range(200):\n    channel.sendall(frame({'id': str(k), 'outcomes': [{'result': 1.0}] * 99}))",
)
transport(
    "enormous-frame",
    "announces a message of four gigabytes",
    "channel.sendall(b'\\xff' * 100_000)\ntime.sleep(30)",
    honest=True,
)
transport("malformed-frame", "sends what is no JSON", "channel.sendall(frame(b'{nonsense'))", honest=True)
transport(
    "nested-frame",
    "brackets nested 100,000 deep",
    "channel.sendall(frame(b'[' * 100_000 + b']' * 100_000))",
    honest=True,
)
transport(
    "five-million-lists",
    "ten megabytes that take half a gigabyte when decoded",
    "channel.sendall(frame(b'[' + b'[],' * 3_300_000 + b'[]]'))",
    honest=True,
)
transport(
    "colliding-keys",
    "a set of numbers chosen to collide, which takes hours to build",
    """
def answer(X):
    keys = [k * (2**61 - 1) for k in range(200_000)]
    outcome = {'result': {'set': keys}, **nothing_happened}
    channel.sendall(frame({'id': request()['id'], 'outcomes': [outcome] * 99}))
double = row_means = answer
""",
)
transport(
    "empty-array-of-a-billion-rows",
    "an array without a byte that is a billion lists when unpacked",
    """
def answer(X):
    result = {'array': ['<f8', [10**9, 0], '']}
    outcome = {'result': result, **nothing_happened}
    channel.sendall(frame({'id': request()['id'], 'outcomes': [outcome] * 99}))
double = row_means = answer
""",
)
transport(
    "endless-small-frames",
    "messages without end, each valid",
    "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    channel.sendall(frame({}))",
    honest=True,
)
transport(
    "slow-drip",
    "a reply of one byte every tenth of a second, for ever",
    "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nchannel.sendall(struct.pack('>I', 1 << 20))\n"
    "while True:\n    channel.sendall(b' ')\n    time.sleep(0.1)",
    honest=True,
)
transport("close-the-socket", "closes the socket and goes on", "channel.close()\ntime.sleep(30)", honest=True)
transport(
    "deaf",
    "never reads again, while the next cells are sent",
    "import backprop_autograder.workers.guest as g\ng.receive = lambda *a: time.sleep(30)",
    slow=True,
)
transport(
    "send-descriptors",
    "sends open files along with its messages",
    "import array\nchannel.sendmsg([frame({})], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0] * 50))])",
    honest=True,
)
transport(
    "outputs-that-bite",
    "outputs with scripts, wrong types, lone surrogates and fifty thousand entries",
    """
outputs = [{'output_type': 'display_data', 'data': {'text/html': '<script>', 'text/plain': '\\ud800'}, 'metadata': 3},
           {'output_type': 'stream', 'text': {'a': 1}}, {'output_type': 'error', 'traceback': 5, 'ename': []}]
channel.sendall(frame({'id': request()['id'], 'outputs': outputs * 17_000}))
""",
    honest=True,
)
transport(
    "pictures-that-are-none",
    "a picture that is a script, and one that is not base64",
    """
outputs = [{'output_type': 'display_data', 'data': {'image/png': '"><script>alert(1)</script>'}, 'metadata': {}},
           {'output_type': 'display_data', 'data': {'image/jpeg': '/9j/%%%'}, 'metadata': {}}]
channel.sendall(frame({'id': request()['id'], 'outputs': outputs}))
""",
    honest=True,
)
