using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modular.ApiMachinery.Tests;

public sealed class LabelSelectorTests
{
    private static readonly Dictionary<string, string> Web = new() { ["app"] = "web", ["tier"] = "front", ["replica"] = "7", ["empty"] = "" };

    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app==web", true)]
    [InlineData("app = web", true)]
    [InlineData("app=db", false)]
    [InlineData("app!=db", true)]
    [InlineData("app!=web", false)]
    [InlineData("absent!=x", true)]
    [InlineData("app in (db,web)", true)]
    [InlineData("app in (db, cache)", false)]
    [InlineData("absent in (x)", false)]
    [InlineData("app notin (db,cache)", true)]
    [InlineData("app notin (web)", false)]
    [InlineData("absent notin (x)", true)]
    [InlineData("app", true)]
    [InlineData("absent", false)]
    [InlineData("!absent", true)]
    [InlineData("! absent", true)]
    [InlineData("!app", false)]
    [InlineData("app=web,tier=front", true)]
    [InlineData("app=web,tier=back", false)]
    [InlineData("empty=", true)]
    [InlineData("empty=,app=web", true)]
    [InlineData("empty in ()", true)]
    [InlineData("app in (,web)", true)]
    [InlineData("app=", false)]
    [InlineData("replica>6", true)]
    [InlineData("replica>7", false)]
    [InlineData("replica<8", true)]
    [InlineData("app>1", false)]
    [InlineData("in in (in)", false)]
    [InlineData("notin", false)]
    public void Selects(string text, bool expected) => Assert.Equal(expected, LabelSelector.Parse(text).Matches(Web));

    [Theory]
    [InlineData("a,", "found '', expected: identifier after ','")]
    [InlineData(",a", "found ',', expected: !, identifier, or 'end of string'")]
    [InlineData("=a", "found '=', expected: !, identifier, or 'end of string'")]
    [InlineData("a=b c", "found 'c', expected: ',' or 'end of string'")]
    [InlineData("!", "unable to parse requirement: found '', expected: identifier")]
    [InlineData("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("a in b", "unable to parse requirement: found 'b' expected: '('")]
    [InlineData("a in (b", "unable to parse requirement: found '', expected: ',' or ')'")]
    [InlineData("a in (b=c)", "unable to parse requirement: found '=', expected: ',' or ')'")]
    [InlineData("a==(b)", "unable to parse requirement: found '(', expected: identifier")]
    [InlineData("a>x", "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer")]
    public void SaysWhatIsWrong(string text, string message)
    {
        var error = Assert.Throws<ApiException>(() => LabelSelector.Parse(text));

        Assert.Equal(StatusReason.BadRequest, error.Reason);
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void RefusesBadKeysAndValues()
    {
        var key = Assert.Throws<ApiException>(() => LabelSelector.Parse("-a=b"));
        var value = Assert.Throws<ApiException>(() => LabelSelector.Parse("a=" + new string('x', 64)));

        Assert.StartsWith("unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of alphanumeric", key.Message, StringComparison.Ordinal);
        Assert.EndsWith(": must be no more than 63 bytes", value.Message, StringComparison.Ordinal);
        Assert.Contains("values[0][a]: Invalid value: ", value.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b=1,a==2", "a=2,b=1")]
    [InlineData("z,x notin (b,a,b),!y", "x notin (a,b),!y,z")]
    [InlineData("a!=b , c>5", "a!=b,c>5")]
    public void WritesCanonically(string text, string canonical)
    {
        Assert.Equal(canonical, LabelSelector.Parse(text).ToString());
        Assert.Equal(canonical, LabelSelector.Parse(canonical).ToString());
    }

    [Fact]
    public void TellsWhatAnIndexCanAnswer()
    {
        var selector = LabelSelector.Parse("app=web,tier in (front),zone in (a,b),x!=y,z");

        Assert.Equal([new("app", "web"), new("tier", "front")], selector.ExactMatches);
    }

    [Fact]
    public void ReadsTheObjectForm()
    {
        var selector = (JsonObject)JsonNode.Parse("""
            {"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"In","values":["front","back"]},{"key":"canary","operator":"DoesNotExist"}]}
            """)!;

        Assert.Equal("app=web,!canary,tier in (back,front)", LabelSelector.From(selector).ToString());
        Assert.Equal("app=web,!canary,tier in (back,front)", LabelSelector.From(JsonSerializer.SerializeToElement(selector)).ToString());
        Assert.True(LabelSelector.From(new JsonObject()).MatchesEverything);
        Assert.True(LabelSelector.From((JsonObject?)null).MatchesNothing);
        Assert.False(LabelSelector.Nothing.Matches(Web));
    }

    [Fact]
    public void ReportsWhatIsWrongWithTheObjectForm()
    {
        var selector = (JsonObject)JsonNode.Parse("""
            {"matchLabels":{"-":"v"},"matchExpressions":[
              {"key":"a","operator":"In"},{"key":"b","operator":"Exists","values":["x"]},{"key":"c","operator":"Near"},{"key":"d","operator":"NotIn","values":["ok","no way"]}]}
            """)!;
        var errors = new FieldErrors();

        LabelSelector.From(selector, "spec.selector", errors);

        Assert.Equal(
            [
                ("FieldValueInvalid", "spec.selector.matchLabels"),
                ("FieldValueRequired", "spec.selector.matchExpressions[0].values"),
                ("FieldValueForbidden", "spec.selector.matchExpressions[1].values"),
                ("FieldValueInvalid", "spec.selector.matchExpressions[2].operator"),
                ("FieldValueInvalid", "spec.selector.matchExpressions[3].values[1]"),
            ],
            errors.Causes.Select(c => (c.Reason, c.Field)));
        Assert.Throws<ApiException>(() => LabelSelector.From(selector));
    }

    [Fact]
    public void FromMapDemandsEveryLabel()
    {
        Assert.True(LabelSelector.FromMap(new Dictionary<string, string> { ["app"] = "web", ["tier"] = "front" }).Matches(Web));
        Assert.False(LabelSelector.FromMap(new Dictionary<string, string> { ["app"] = "web", ["tier"] = "back" }).Matches(Web));
        Assert.True(LabelSelector.FromMap(null).MatchesEverything);
    }

    [Fact]
    public void MatchingAllocatesNothing()
    {
        var selector = LabelSelector.Parse("app in (db,web),tier=front,!absent,replica>3");
        IReadOnlyDictionary<string, string> labels = Web;
        selector.Matches(labels);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            selector.Matches(labels);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
