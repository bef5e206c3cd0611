using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Modular.Toolkit.Tests.Remote;

/// <summary>A server that answers as a test says, one answer a request, in order; a request without an answer waits for one.</summary>
internal sealed class ScriptedServer : HttpMessageHandler
{
    private readonly Channel<Func<HttpResponseMessage>> _answers = Channel.CreateUnbounded<Func<HttpResponseMessage>>();

    /// <summary>Method and path of each request so far.</summary>
    public List<string> Requests { get; } = [];

    public HttpClient Client => new(this) { BaseAddress = new Uri("http://api"), Timeout = Timeout.InfiniteTimeSpan };

    public void Answer(HttpStatusCode code, string body) =>
        Enqueue(() => new HttpResponseMessage(code) { Content = new StringContent(body, Encoding.UTF8, "application/json") });

    public void Fail(HttpRequestError error) => Fail(new HttpRequestException(error, "no luck"));

    public void Fail(Exception failure) => Enqueue(() => throw failure);

    /// <summary>Answers with a stream that the test writes; completing it ends the answer.</summary>
    public PipeWriter Stream()
    {
        var pipe = new Pipe();
        Enqueue(() => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()) });
        return pipe.Writer;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (Requests)
        {
            Requests.Add($"{request.Method} {request.RequestUri!.PathAndQuery}");
        }

        return (await _answers.Reader.ReadAsync(cancellationToken))();
    }

    private void Enqueue(Func<HttpResponseMessage> answer) => Assert.True(_answers.Writer.TryWrite(answer));
}
