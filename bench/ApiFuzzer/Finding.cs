using System.Text;

namespace Modular.ApiFuzzer;

/// <summary>A rule that was broken, and how to see it again.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Iteration">The request's number in the run; -1 for what was found in the store afterwards.</param>
/// <param name="Problem">The rule, and how it was broken.</param>
/// <param name="Request">The request.</param>
/// <param name="Answer">The answer; null if none came.</param>
internal sealed record Finding(int Seed, int Iteration, string Problem, FuzzRequest? Request, FuzzAnswer? Answer)
{
    private const int MostShown = 2048;

    public override string ToString()
    {
        var text = new StringBuilder($"--seed {Seed}, iteration {Iteration}: {Problem}\n  {Request}");
        if (Answer is not null)
        {
            var body = Encoding.UTF8.GetString(Answer.Body);
            text.Append($"\n  answer: {Answer.Code} {Answer.ContentType} {(body.Length <= MostShown ? body : body[..MostShown] + "...")}");
        }

        return text.ToString();
    }
}
